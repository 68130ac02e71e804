/** Who answers: the model used last, the starter, the one that takes over. */
import { describe, expect, it } from "vitest";
import type { Preset } from "../../src/chat/presets";
import { entry, FakeDesk, fakeMemory, keptAs, settle, talkWith } from "./parts";

const kept = (id: string) => entry(id, { kept: keptAs(id) });

describe("the first model", () => {
  it("is the starter, with the recommended one offered beside it", async () => {
    const desk = new FakeDesk([entry("Big")], "Big");
    const { talk } = talkWith(desk);
    expect(talk.state.model).toMatchObject({ phase: "loading", isStarter: true });
    await settle();
    expect(talk.state.model).toEqual({
      phase: "ready",
      name: "SmolLM2-135M-Instruct",
      isStarter: true,
      contextLength: 100,
    });
    expect(talk.state.offer?.id).toBe("Big");
  });

  it("is the one used last, where it is kept; else the starter", async () => {
    const memory = fakeMemory({ "ingle.talk.model": "Mine" });
    const desk = new FakeDesk([kept("Mine")], "Mine");
    const { talk } = talkWith(desk, { memory });
    await settle();
    expect(desk.loads).toEqual(["Mine"]);
    expect(talk.state.model).toMatchObject({ name: "Mine", isStarter: false });
    expect(talk.state.offer).toBeUndefined();
    const gone = new FakeDesk([entry("Mine")]);
    talkWith(gone, { memory });
    await settle();
    expect(gone.loads).toEqual(["starter"]);
  });

  it("that can't be loaded leaves its place to the starter today, and is tried again on the next visit", async () => {
    const memory = fakeMemory({ "ingle.talk.model": "Mine" });
    const desk = new FakeDesk([kept("Mine")]);
    desk.broken.set("Mine", "Too little memory.");
    const { talk } = talkWith(desk, { memory });
    await settle();
    expect(desk.loads).toEqual(["Mine", "starter"]);
    expect(talk.state.news).toEqual({ kind: "fell-back", name: "Mine", problem: "Too little memory." });
    expect(talk.state.model).toMatchObject({ phase: "ready", isStarter: true });
    expect(talk.state.context).toEqual({ used: 0, length: 100 });
    expect(memory.model).toBe("Mine");
  });

  it("that fails is said, and tried again when asked", async () => {
    const desk = new FakeDesk();
    desk.broken.set("starter", "There is no starter here.");
    desk.scripts.push(["A"]);
    const { talk } = talkWith(desk);
    await settle();
    expect(talk.state.model).toMatchObject({ phase: "failed", problem: "There is no starter here." });
    await talk.send({ content: "Hi" });
    expect(talk.state.problem?.message).toContain("There is no starter here.");
    desk.broken.clear();
    talk.model.ask();
    await settle();
    expect(talk.state.model.phase).toBe("ready");
  });
});

describe("what somebody else loads", () => {
  it.each(["Mine", "Other"])("is waited for and answers, where the chat wanted Mine: %s", async (id) => {
    let load: () => void = () => undefined;
    const desk = new FakeDesk([kept("Mine"), kept("Other")]);
    desk.scripts.push(["A"]);
    desk.gate = new Promise<void>((resolve) => (load = resolve));
    const byHand = desk.load(id);
    const { talk } = talkWith(desk, { memory: fakeMemory({ "ingle.talk.model": "Mine" }) });
    const sent = talk.send({ content: "Hi" });
    await settle();
    expect(talk.state.model).toMatchObject({ phase: "loading", name: id, activity: { kind: "loading" } });
    load();
    await byHand;
    await sent;
    expect(desk.loads).toEqual([id]);
    expect(talk.state.news).toBeUndefined();
    expect(talk.state.model).toMatchObject({ phase: "ready", name: id });
  });

  it("is the wanted one's files: they are looked at first, and the starter does not stand in", async () => {
    const desk = new FakeDesk([kept("Mine")]);
    desk.doing("Mine", { kind: "verifying", progress: undefined });
    const { talk } = talkWith(desk, { memory: fakeMemory({ "ingle.talk.model": "Mine" }) });
    await settle();
    expect(desk.loads).toEqual([]);
    desk.doing("Mine", undefined);
    await settle();
    expect(desk.loads).toEqual(["Mine"]);
    expect(talk.state.model).toMatchObject({ phase: "ready", name: "Mine" });
    expect(talk.state.news).toBeUndefined();
  });

  it("and does not come leaves its place to what the chat wanted", async () => {
    let load: () => void = () => undefined;
    const desk = new FakeDesk([kept("Mine"), kept("Other")]);
    desk.broken.set("Other", "Too little memory.");
    desk.gate = new Promise<void>((resolve) => (load = resolve));
    void desk.load("Other");
    const { talk } = talkWith(desk, { memory: fakeMemory({ "ingle.talk.model": "Mine" }) });
    await settle();
    load();
    await settle();
    expect(desk.loads).toEqual(["Other", "Mine"]);
    expect(talk.state.model).toMatchObject({ phase: "ready", name: "Mine" });
  });
});

describe("where data is to be saved", () => {
  it("nothing is fetched before somebody asks; what was sent meanwhile is answered then", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"]);
    const { talk } = talkWith(desk, { isMetered: true });
    const sent = talk.send({ content: "Hi" });
    await settle();
    expect(desk.loads).toEqual([]);
    expect(talk.state.model.phase).toBe("unasked");
    talk.model.ask();
    await sent;
    expect(desk.loads).toEqual(["starter"]);
    expect(desk.requests).toHaveLength(1);
  });

  it("a message that waits is answered by the model that is got instead, or loaded elsewhere on the page", async () => {
    for (const way of ["offer", "Models page"] as const) {
      const desk = new FakeDesk([way === "offer" ? entry("Big") : kept("Big")], "Big");
      desk.scripts.push(["A"]);
      const { talk } = talkWith(desk, { isMetered: true });
      const sent = talk.send({ content: "Hi" });
      await settle();
      expect(talk.state.writing?.phase).toBe("waiting");
      if (way === "offer") await talk.model.takeOver("Big");
      else await desk.load("Big");
      await sent;
      expect(desk.loads).toEqual(["Big"]);
      expect(talk.state.conversation.messages.size).toBe(2);
      expect(talk.state.writing).toBeUndefined();
    }
  });

  it("the starter is asked for where the model used last can't be loaded, or parts of the starter are gone", async () => {
    const memory = fakeMemory({ "ingle.talk.model": "Mine" });
    const desk = new FakeDesk([kept("Mine")]);
    desk.broken.set("Mine", "Too little memory.");
    desk.scripts.push(["A"]);
    desk.state = {
      ...desk.state,
      starter: { ...desk.state.starter, kept: { ...keptAs("starter"), missingChunks: 1 } },
    };
    const { talk } = talkWith(desk, { memory, isMetered: true });
    const sent = talk.send({ content: "Hi" });
    await settle();
    expect(desk.loads).toEqual(["Mine"]);
    expect(talk.state.model.phase).toBe("unasked");
    expect(talk.state.news).toMatchObject({ kind: "fell-back", name: "Mine" });
    talk.model.ask();
    await sent;
    expect(desk.loads).toEqual(["Mine", "starter"]);
    expect(desk.requests).toHaveLength(1);
  });

  it("what is kept already is loaded", async () => {
    const desk = new FakeDesk();
    desk.state = { ...desk.state, starter: { ...desk.state.starter, kept: keptAs("starter") } };
    talkWith(desk, { isMetered: true });
    await settle();
    expect(desk.loads).toEqual(["starter"]);
  });
});

describe("a preset's model", () => {
  const presetOf = () => ({ id: "p", name: "P", systemPrompt: "", model: "Mine", sampling: {} }) as unknown as Preset;

  it("answers in its conversations, whatever was loaded before", async () => {
    const desk = new FakeDesk([kept("Mine")]);
    desk.scripts.push(["A"], ["B"]);
    const { talk } = talkWith(desk, { presetOf });
    await settle();
    expect(desk.loads).toEqual(["starter"]);
    await talk.send({ content: "Hi" });
    await talk.send({ content: "And?" });
    expect(desk.loads).toEqual(["starter", "Mine"]);
    expect([...talk.state.conversation.messages.values()].map(({ model }) => model)).toEqual([
      undefined,
      "Mine",
      undefined,
      "Mine",
    ]);
  });

  it("that is not here, or could not be loaded, keeps nobody from an answer, and is not tried each time", async () => {
    const desk = new FakeDesk([kept("Mine")]);
    desk.broken.set("Mine", "Too little memory.");
    desk.scripts.push(["A"], ["B"]);
    const { talk } = talkWith(desk, { presetOf });
    await settle();
    await talk.send({ content: "Hi" });
    await talk.send({ content: "And?" });
    expect(desk.loads).toEqual(["starter", "Mine", "starter"]);
    expect(desk.requests).toHaveLength(2);
  });
});

describe("a better model", () => {
  it("comes behind the conversation, waits for the reply's end, takes over, and says so", async () => {
    const desk = new FakeDesk([entry("Big")], "Big");
    let go: (value: unknown) => void = () => undefined;
    desk.scripts.push(["A", new Promise((resolve) => (go = resolve)), "B"], ["C"]);
    const { talk, memory } = talkWith(desk);
    const sent = talk.send({ content: "Hi" });
    await settle();
    const taken = talk.model.takeOver("Big");
    await settle();
    expect(desk.state.entries[0]?.kept).toBeDefined();
    expect(desk.loads).toEqual(["starter"]);
    go(undefined);
    await sent;
    await taken;
    expect(desk.loads).toEqual(["starter", "Big"]);
    expect(talk.state.news).toEqual({ kind: "took-over", name: "Big" });
    expect(memory.model).toBe("Big");
    await talk.send({ content: "More" });
    expect(desk.requests[1]?.input).toMatchObject({ messages: [{}, { content: "AB" }, {}] });
    talk.model.dismissNews();
    expect(talk.state.news).toBeUndefined();
  });

  it("that does not run here gives its place back", async () => {
    const desk = new FakeDesk([entry("Big")], "Big");
    desk.broken.set("Big", "Too large.");
    const { talk } = talkWith(desk);
    await settle();
    await talk.model.takeOver("Big");
    expect(talk.state.news).toEqual({ kind: "fell-back", name: "Big", problem: "Too large." });
    expect(talk.state.model).toMatchObject({ phase: "ready", isStarter: true });
  });
});
