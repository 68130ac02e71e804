/** Which conversation is shown and which one answered: while one is read, where none can be kept, beside other tabs. */
import { describe, expect, it } from "vitest";
import { addMessage, beginReply, newConversation } from "../../src/chat/conversation";
import { shownPath } from "../../src/chat/tree";
import { IngleError } from "../../src/shared/errors";
import type { Talk } from "../../src/talk/talk";
import { FakeDesk, settle, talkWith } from "./parts";

const shown = (talk: Talk) => shownPath(talk.state.conversation).map(({ message }) => message.content);

describe("where nothing can be kept", () => {
  it("a conversation that is left is still here, and kept once that can be", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["One"], ["Two"]);
    const { talk, history } = talkWith(desk);
    history.refuse = new IngleError("storage-full", "The disk is full.");
    await talk.send({ content: "Count" });
    const { id } = talk.state.conversation;
    expect(talk.state.problem?.code).toBe("storage-full");
    talk.startNew();
    expect(talk.unkept.map((each) => each.id)).toEqual([id]);
    await talk.open(id);
    expect(shown(talk)).toEqual(["Count", "One"]);
    await talk.choosePreset("p");
    expect(talk.state.conversation.preset).toBe("p");
    history.refuse = undefined;
    await talk.send({ content: "On" });
    expect(talk.unkept).toEqual([]);
    expect(history.kept.get(id)?.messages.size).toBe(4);
  });

  it("a preset that can't be kept holds all the same, and that is said", async () => {
    const desk = new FakeDesk();
    desk.scripts.push(["One"]);
    const { talk, history } = talkWith(desk);
    await talk.send({ content: "Count" });
    history.change = () => Promise.reject(new IngleError("storage-failed", "No."));
    await talk.choosePreset("p");
    expect(talk.state.conversation.preset).toBe("p");
    expect(talk.state.problem?.code).toBe("storage-failed");
  });
});

describe("of several conversations", () => {
  it("what is opened last counts, and can be waited for", async () => {
    const desk = new FakeDesk();
    const { talk, history } = talkWith(desk);
    const open = async (id: string) => {
      const conversation = addMessage({ ...newConversation(), id }, { content: id });
      await history.save(conversation);
    };
    await open("slow");
    await open("fast");
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const read = history.read.bind(history);
    history.read = async (id) => {
      if (id === "slow") await arrived;
      return read(id);
    };
    const slow = talk.open("slow");
    await talk.open("fast");
    arrive();
    await slow;
    expect(shown(talk)).toEqual(["fast"]);
    expect(talk.state.isOpening).toBe(false);
    let isOpened = false;
    const again = talk.open("slow");
    void talk.whenOpened().then(() => (isOpened = true));
    expect(isOpened).toBe(false);
    await again;
    await settle();
    expect(isOpened).toBe(true);
    talk.startNew();
    expect(shown(talk)).toEqual([]);
  });

  it("a question is not taken while another tab writes what it would answer", async () => {
    const desk = new FakeDesk();
    const { talk, history } = talkWith(desk);
    const begun = beginReply(addMessage({ ...newConversation(), id: "theirs" }, { content: "Hi" }), "model");
    await history.save(begun);
    await talk.open("theirs");
    expect(talk.send({ content: "More" })).toBeUndefined();
    expect(talk.state.problem?.code).toBe("model-busy");
    expect(desk.requests).toEqual([]);
  });
});
