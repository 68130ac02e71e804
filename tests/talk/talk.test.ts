/** The conversation's way: kept before it is answered, stopped, gone on with, edited, recovered. */
import { describe, expect, it } from "vitest";
import { shownPath } from "../../src/chat/tree";
import type { Preset } from "../../src/chat/presets";
import { IngleError } from "../../src/shared/errors";
import type { Talk } from "../../src/talk/talk";
import { entry, FakeDesk, fakeMemory, FakeHistory, keptAs, settle, talkWith } from "./parts";

const shown = (talk: Talk) => shownPath(talk.state.conversation).map(({ message }) => message.content);
const last = (talk: Talk) => shownPath(talk.state.conversation).at(-1)?.message;
const lost = () => new IngleError("device-lost", "The GPU was lost.");
const never = new Promise<never>(() => undefined);

describe("a question", () => {
  it("is kept before anything is generated, and its reply with every token", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["He", "llo"]);
    const { talk, history } = talkWith(desk);
    await talk.send({ content: "Hi" });
    expect(shown(talk)).toEqual(["Hi", "Hello"]);
    expect(history.written).toEqual(["save ", "checkpoint He", "checkpoint Hello", "save -"]);
    expect(last(talk)).toMatchObject({ state: "whole", finishReason: "stop", model: "SmolLM2-135M-Instruct" });
    expect(desk.requests[0]?.input).toEqual({ messages: [{ role: "user", content: "Hi" }] });
    expect(talk.state.writing).toBeUndefined();
    expect(talk.state.context).toEqual({ used: 13, length: 100 });
  });

  it("has what a preset's shorter context leaves: that bounds what is read, what is written and what is shown", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["1 "]);
    const preset = { sampling: {}, contextLength: 60, maxTokens: undefined } as Preset;
    const { talk } = talkWith(desk, { presetOf: () => preset });
    await talk.send({ content: "Count" });
    expect(desk.requests[0]?.maxTokens).toBe(55);
    expect(talk.state.context).toEqual({ used: 13, length: 60 });
  });

  it("waits for the model that is being loaded, and can be stopped until then", async () => {
    const desk = new FakeDesk();
    desk.gate = never;
    const { talk } = talkWith(desk);
    const sent = talk.send({ content: "Hi" });
    await settle();
    expect(talk.state.writing?.phase).toBe("waiting");
    expect(talk.state.model.phase).toBe("loading");
    talk.stop();
    await sent;
    expect(last(talk)).toMatchObject({ state: "cut-off", content: "" });
    expect(talk.state.problem).toBeUndefined();
  });

  it("is kept with what there is of its reply when the page is to be left", async () => {
    const desk = new FakeDesk();
    desk.gate = never;
    const { talk, history } = talkWith(desk);
    void talk.send({ content: "Hi" });
    await settle();
    await talk.settle();
    expect(history.written).toEqual(["save ", "save -"]);
    expect(last(talk)).toMatchObject({ state: "cut-off", content: "" });
    await talk.settle(); // nothing is being written: nothing to wait for
  });

  it("is not generated where another tab writes the reply, and where nothing can be kept it is", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["Yes"]);
    const { talk, history } = talkWith(desk);
    history.refuse = new IngleError("model-busy", "Another tab does.");
    await talk.send({ content: "Hi" });
    expect(desk.requests).toEqual([]);
    expect(talk.state.problem?.code).toBe("model-busy");
    history.refuse = new IngleError("storage-full", "The disk is full.");
    await talk.continue();
    expect(last(talk)?.content).toBe("Yes");
    expect(talk.state.problem?.code).toBe("storage-full");
  });

  it("is refused where there is no GPU", async () => {
    const desk = new FakeDesk();
    const absence = { code: "no-api", message: "No WebGPU.", remedy: undefined } as const;
    const { talk } = talkWith(desk, { absence });
    await talk.send({ content: "Hi" });
    expect(talk.state.conversation.messages.size).toBe(0);
    expect(talk.state.problem?.message).toBe("No WebGPU.");
    expect(desk.loads).toEqual([]);
  });

  it("leaves out what the context has no room for, and says how much", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["one"], ["two"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "1" });
    expect(talk.state.dropped).toBe(0);
    desk.room = 1;
    await talk.send({ content: "2" });
    expect(desk.requests[1]?.input).toEqual({ messages: [{ role: "user", content: "2" }] });
    expect(talk.state.dropped).toBe(2);
  });
});

describe("a reply", () => {
  it("that was stopped keeps its text, and goes on from there", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["Once ", never], ["upon"]);
    const { talk } = talkWith(desk);
    const sent = talk.send({ content: "Tell" });
    await settle();
    talk.stop();
    await sent;
    expect(last(talk)).toMatchObject({ state: "cut-off", content: "Once " });
    await talk.continue();
    expect(desk.requests[1]).toMatchObject({
      continueFinalMessage: true,
      input: { messages: [{ content: "Tell" }, { role: "assistant", content: "Once " }] },
    });
    expect(last(talk)).toMatchObject({ state: "whole", content: "Once upon" });
  });

  it("can be had again, beside the first", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"], ["B"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "Hi" });
    const first = last(talk)?.id ?? "";
    await talk.regenerate(first);
    expect(shown(talk)).toEqual(["Hi", "B"]);
    await talk.show(first);
    expect(shown(talk)).toEqual(["Hi", "A"]);
  });

  it("to an edited message stands on its own branch; a removed message comes back by undo", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"], ["B"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "Hi" });
    const [question] = shownPath(talk.state.conversation);
    const id = question?.message.id ?? "";
    await talk.edit(id, { content: "Ho" });
    expect(shown(talk)).toEqual(["Ho", "B"]);
    await talk.show(id);
    expect(shown(talk)).toEqual(["Hi", "A"]);
    await talk.remove(id);
    expect(shown(talk)).toEqual(["Ho", "B"]);
    expect(talk.state.canUndo).toBe(true);
    await talk.undo();
    expect(shown(talk)).toEqual(["Hi", "A"]);
  });

  it("goes on while another conversation is shown, and is there when one comes back", async () => {
    const desk = new FakeDesk();
    let go: (value: unknown) => void = () => undefined;
    desk.scripts.push(["One ", new Promise((resolve) => (go = resolve)), "two"]);
    const { talk, history } = talkWith(desk);
    const sent = talk.send({ content: "Count" });
    await settle();
    const { id } = talk.state.conversation;
    talk.startNew();
    expect(shown(talk)).toEqual([]);
    go(undefined);
    await sent;
    expect(history.kept.has(id)).toBe(true);
    await talk.open(id);
    expect(shown(talk)).toEqual(["Count", "One two"]);
  });
});

describe("a loss in the middle of a reply", () => {
  it.each(["device-lost", "worker-failed", "timed-out"] as const)(
    "(%s) has the model loaded again, and goes on from the last token",
    async (code) => {
      const desk = new FakeDesk();
      desk.scripts.push(["One ", new IngleError(code, "Lost.")], ["two"]);
      const { talk } = talkWith(desk);
      await talk.send({ content: "Count" });
      expect(last(talk)).toMatchObject({ state: "whole", content: "One two" });
      expect(desk.loads).toEqual(["starter", "starter"]);
      expect(desk.requests[1]).toMatchObject({ continueFinalMessage: true });
      expect(talk.state.problem).toBeUndefined();
    },
  );

  it("has one limit, however often it is lost", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["1 ", "2 ", lost()], ["3 "]);
    const preset = { sampling: {}, contextLength: undefined, maxTokens: 5 } as Preset;
    const { talk } = talkWith(desk, { presetOf: () => preset });
    await talk.send({ content: "Count" });
    expect(desk.requests.map(({ maxTokens }) => maxTokens)).toEqual([5, 3]);
  });

  it("is mended twice, and the third time said, with all of the text kept", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["1 ", lost()], ["2 ", lost()], ["3 ", lost()], ["4"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "Count" });
    expect(last(talk)).toMatchObject({ state: "cut-off", content: "1 2 3 " });
    expect(talk.state.problem).toMatchObject({ code: "device-lost" });
    expect(talk.state.problem?.message).toContain("lost each time");
    expect(desk.loads).toHaveLength(3);
    await talk.continue();
    expect(last(talk)).toMatchObject({ state: "whole", content: "1 2 3 4" });
  });

  it("is not what a model is that could not be loaded: that is said, once", async () => {
    const desk = new FakeDesk();
    desk.broken.set("starter", "The host is down.");
    const { talk } = talkWith(desk);
    await settle();
    const { length } = desk.loads;
    await talk.send({ content: "Hi" });
    expect(desk.loads.length - length).toBe(1);
    expect(talk.state.problem?.message).toBe("The host is down.");
  });

  it("that is not in a row with the one before does not count with it", async () => {
    const desk = new FakeDesk();
    const many = Array.from({ length: 64 }, () => "a ");
    desk.scripts.push([...many, lost()], [...many, lost()], [...many, lost()], [...many, lost()], ["b"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "Hi" });
    expect(talk.state.problem).toBeUndefined();
    expect(last(talk)?.content).toBe(`${"a ".repeat(256)}b`);
  });

  it("leaves what a model wrote to it: the starter does not go on with that unasked", async () => {
    const desk = new FakeDesk([entry("Mine", { kept: keptAs("Mine") })]);
    desk.scripts.push(["A", lost()], ["B"]);
    const { talk } = talkWith(desk, { memory: fakeMemory({ "ingle.talk.model": "Mine" }) });
    await settle();
    desk.broken.set("Mine", "Too little memory.");
    await talk.send({ content: "Hi" });
    expect(talk.state.problem?.message).toContain("Mine wrote this and is not there any more");
    expect(last(talk)?.content).toBe("A");
    await talk.continue();
    expect(last(talk)?.content).toBe("AB");
  });

  it("that is no loss is told at once", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["1 ", new IngleError("gpu-wrong", "Not a number.")]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "Count" });
    expect(talk.state.problem?.message).toBe("Not a number.");
    expect(desk.loads).toHaveLength(1);
    expect(last(talk)).toMatchObject({ state: "cut-off", content: "1 " });
  });

  it("between replies costs the next one a loading", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"], ["B"]);
    const { talk } = talkWith(desk);
    await talk.send({ content: "1" });
    desk.unload();
    expect(talk.state.model.phase).toBe("resting");
    await talk.send({ content: "2" });
    expect(shown(talk)).toEqual(["1", "A", "2", "B"]);
    expect(desk.loads).toHaveLength(2);
  });
});

describe("a visit", () => {
  it("opens what this tab showed last; what is gone leaves a new one", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"]);
    const first = talkWith(desk);
    await first.talk.send({ content: "Hi" });
    const { id } = first.talk.state.conversation;
    const memory = fakeMemory({ "ingle.talk.open": id });
    const second = talkWith(new FakeDesk(), { history: first.history, memory });
    await settle();
    expect(shown(second.talk)).toEqual(["Hi", "A"]);
    const third = talkWith(new FakeDesk(), { history: new FakeHistory(), memory });
    await settle();
    expect(shown(third.talk)).toEqual([]);
    expect(third.talk.state.problem).toBeUndefined();
  });

  it("is told what another tab did to the conversation", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["A"], ["B"]);
    const { talk, history } = talkWith(desk);
    await talk.send({ content: "Hi" });
    const { id } = talk.state.conversation;
    const other = talkWith(desk, { history, memory: fakeMemory({ "ingle.talk.open": id }) }).talk;
    await settle();
    await other.send({ content: "More" });
    const mine = talk.state.conversation.messages.size;
    // The fake history tells who watched last: the first tab is made to hear it.
    const heard = talkWith(new FakeDesk(), { history, memory: fakeMemory({ "ingle.talk.open": id }) }).talk;
    await settle();
    history.tell({ type: "changed", id });
    await settle();
    expect(heard.state.conversation.messages.size).toBe(mine + 2);
    history.tell({ type: "removed", id });
    await settle();
    expect(shown(heard)).toEqual([]);
  });
});
