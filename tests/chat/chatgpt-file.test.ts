/** ChatGPT's conversations.json, as it is and as it could be. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupsOf } from "../../src/chat/export/left-out";
import { readConversationFile } from "../../src/chat/export/read-file";
import { childrenOf, shownPath, showBranch } from "../../src/chat/tree";
import { refused } from "../helpers/refused";

interface Said {
  readonly role?: string;
  readonly parts?: readonly unknown[];
  readonly type?: string;
  readonly time?: number | null;
  readonly [more: string]: unknown;
}

const message = ({ role = "user", parts = ["text"], type = "text", time = 1_700_000_000.5, ...more }: Said) => ({
  id: "x",
  author: { role, name: null, metadata: {} },
  content: { content_type: type, parts },
  create_time: time,
  recipient: "all",
  status: "finished_successfully",
  ...more,
});
const node = (parent: string | null, children: readonly string[], said?: Said) => ({
  message: said === undefined ? null : message(said),
  parent,
  children,
});
const conversation = (mapping: object, more: object = {}) => ({
  title: "Talk",
  create_time: 1_699_999_999,
  update_time: 1_700_000_100,
  mapping,
  current_node: "r2",
  conversation_id: "c1",
  ...more,
});
const read = (...conversations: readonly unknown[]) => readConversationFile(JSON.stringify(conversations));
const texts = ({ conversations: [first] }: ReturnType<typeof read>) =>
  first === undefined ? [] : shownPath(first).map(({ message: { role, content } }) => `${role}: ${content}`);

/** A question, two replies, a tool between one of them and what follows. */
const usual = {
  root: node(null, ["s"]),
  s: node("root", ["u1"], { role: "system", parts: [""] }),
  u1: node("s", ["r1", "r2"], { parts: ["Why is", "the sky blue?"] }),
  r1: node("u1", ["t1"], { role: "assistant", parts: ["Light."], metadata: { model_slug: "gpt-4o" } }),
  t1: node("r1", ["t2"], { role: "assistant", recipient: "python", type: "code", parts: ["1 + 1"] }),
  t2: node("t1", ["u2"], { role: "tool", parts: ["2"] }),
  u2: node("t2", [], { parts: ["And red?"], time: 1_700_000_050 }),
  r2: node("u1", [], { role: "assistant", parts: ["Air."], time: 1_700_000_001 }),
};

describe("an export of ChatGPT's", () => {
  it("is read with its branches, its times, and the branch that was shown", () => {
    const found = read(conversation(usual));
    const [talk] = found.conversations;
    if (talk === undefined) throw new Error("Nothing was read.");
    expect(talk).toMatchObject({ id: "c1", title: "Talk", createdAt: 1_699_999_999_000, changedAt: 1_700_000_100_000 });
    expect(texts(found)).toEqual(["user: Why is\n\nthe sky blue?", "assistant: Air."]);
    expect(childrenOf(talk.messages, "u1")).toEqual(["r1", "r2"]);
    expect(shownPath(showBranch(talk, "r1")).map(({ message: { id } }) => id)).toEqual(["u1", "r1", "u2"]);
    expect(talk.messages.get("r1")).toMatchObject({
      state: "whole",
      model: "gpt-4o",
      finishReason: "stop",
      createdAt: 1_700_000_000_500,
    });
    expect(found.leftOut).toEqual({ system: 1, tool: 2 });
  });

  it("loses what is no text, and says so", () => {
    const image = { content_type: "image_asset_pointer", asset_pointer: "file://x" };
    const spoken = { content_type: "audio_transcription", text: "spoken" };
    const found = read(
      conversation(
        {
          a: node(null, ["b"], { type: "multimodal_text", parts: [image, "What is this?", spoken, null] }),
          b: node("a", ["c"], { role: "assistant", type: "thoughts", parts: [] }),
          c: node("b", ["d"], { metadata: { is_visually_hidden_from_conversation: true } }),
          d: node("c", ["e"], { type: "multimodal_text", parts: [image] }),
          e: node("d", ["f"], { role: "assistant", parts: ["A cat."], metadata: null, recipient: null }),
          f: node("e", ["g"], { type: "user_editable_context", parts: [] }),
          g: { message: { author: "me" }, parent: "f", children: [] },
          h: 7,
        },
        { current_node: "g" },
      ),
    );
    expect(texts(found)).toEqual(["user: What is this?\n\nspoken", "assistant: A cat."]);
    expect(found.leftOut).toEqual({ media: 3, thought: 1, hidden: 1, empty: 1, system: 1, message: 2 });
    expect(groupsOf(found.leftOut)).toEqual([3, 3, 1, 2]);
    expect(groupsOf({ tool: 1, conversation: 4 })).toEqual([0, 1, 0, 4]);
    expect(groupsOf({})).toBeUndefined();
  });

  it("is read whatever its parents say", () => {
    const broken = {
      a: node("nobody", ["b"], { parts: ["a"] }),
      b: node(null, [], { role: "assistant", parts: ["b"] }), // its parent says so
      x: node("y", ["y"], { parts: ["x"] }),
      y: node("x", ["x"], { parts: ["y"] }),
      p: node("q", []),
      q: node("p", []),
      z: node("p", [], { parts: ["z"] }),
    };
    const [talk] = read(conversation(broken, { current_node: "q" })).conversations;
    expect([...(talk?.messages.keys() ?? [])].toSorted()).toEqual(["a", "b", "x", "y", "z"]);
    expect(talk?.messages.get("b")?.parent).toBe("a");
    expect(talk?.messages.get("z")?.parent).toBeUndefined();
    expect(texts(read(conversation({ a: broken.a, b: broken.b }, { current_node: 5 })))).toEqual([
      "user: a",
      "assistant: b",
    ]);
  });

  it("may lack title, times and id, be one conversation alone, and hold others that make no sense", () => {
    const bare = { mapping: { a: node(null, [], { time: null, parts: ["Tell me\nmore"] }) } };
    const found = read(bare, { title: "None" }, 5, conversation({ root: node(null, []) }));
    expect(found.conversations).toMatchObject([{ title: "Tell me more", createdAt: 0, changedAt: 0 }]);
    expect(found.conversations[0]?.id).toMatch(/^[-0-9a-f]{36}$/u);
    expect(found.leftOut).toEqual({ conversation: 3 });
    expect(readConversationFile(JSON.stringify(bare)).conversations).toHaveLength(1);
    expect(() => read(conversation({}))).toThrow(
      expect.objectContaining(refused("file-invalid", /no conversation in it/)),
    );
  });

  it("is never more than refused, and keeps all messages that people saw", () => {
    const ids = fc.constantFrom("a", "b", "c", "d", "e", "f", "", "__proto__");
    const anyNode = fc.record({
      message: fc.option(
        fc.constantFrom(
          message({}),
          message({ role: "assistant" }),
          message({ role: "tool" }),
          {},
          message({ parts: [""] }),
        ),
      ),
      parent: fc.option(ids),
      children: fc.array(ids, { maxLength: 3 }),
    });
    const mappings = fc.dictionary(ids, fc.oneof({ weight: 9, arbitrary: anyNode }, fc.jsonValue()), { maxKeys: 7 });
    fc.assert(
      fc.property(mappings, ids, (mapping, current) => {
        const seen = Object.entries(mapping).filter(
          ([id, json]) =>
            id !== "" &&
            ["user", "assistant"].some((role) => JSON.stringify(json).includes(`"author":{"role":"${role}"`)) &&
            JSON.stringify(json).includes('"parts":["text"]'),
        );
        const json = conversation(mapping, { current_node: current });
        if (seen.length === 0) {
          expect(() => read(json)).toThrow(expect.objectContaining(refused("file-invalid", /./)));
          return;
        }
        const [talk] = read(json).conversations;
        expect([...(talk?.messages.keys() ?? [])].toSorted()).toEqual(seen.map(([id]) => id).toSorted());
      }),
    );
  });
});
