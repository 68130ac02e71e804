/** Files of conversations and presets: ours there and back, broken ones, newer ones. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as chat from "../../src/chat/conversation";
import { toIngleFile } from "../../src/chat/export/ingle-file";
import { allToMarkdown, toMarkdown } from "../../src/chat/export/markdown";
import { readConversationFile } from "../../src/chat/export/read-file";
import { openFence } from "../../src/chat/fence";
import { allMessages, type Conversation } from "../../src/chat/message";
import { readPresetFile, toPresetFile, type Preset } from "../../src/chat/presets";
import { refused } from "../helpers/refused";
import { anyConversation, longConversation, stamps, usage } from "./edits";

const invalid = (message: RegExp) => expect.objectContaining(refused("file-invalid", message)) as Error;

/** As it is once its page is gone. */
function settled(conversation: Conversation): Conversation {
  const { growing } = conversation;
  const cut = growing === undefined ? conversation : chat.cutReply(conversation, conversation.changedAt);
  return { ...cut, removed: new Map() };
}

describe("our file", () => {
  it("reads back as the same conversations", () => {
    fc.assert(
      fc.property(fc.array(anyConversation, { minLength: 1, maxLength: 3 }), (conversations) => {
        expect(readConversationFile(toIngleFile(conversations))).toEqual({
          conversations: conversations.map(settled),
          leftOut: {},
        });
      }),
      { numRuns: 200 },
    );
  });

  const file = (change: object) =>
    JSON.stringify({ ...(JSON.parse(toIngleFile([longConversation(4)])) as object), ...change });
  const whole = JSON.parse(file({})) as { conversations: [{ messages: object[] }] };
  const [conversation] = whole.conversations;

  it("is read with what it has beyond what is known, and without what is broken", () => {
    const [first, second, ...rest] = conversation.messages;
    const odd = {
      ...conversation,
      colour: "red",
      isPinned: "yes",
      messages: [{ ...first, parent: 7, mood: {} }, { ...second, role: "oracle" }, null, ...rest, { ...first }],
    };
    const { conversations, leftOut } = readConversationFile(
      file({ mood: "good", conversations: [odd, 5, null, [], { id: "x" }, { ...conversation, id: "" }, conversation] }),
    );
    expect(leftOut).toEqual({ conversation: 5, message: 3 });
    expect(conversations.map(({ messages }) => messages.size)).toEqual([3, 4]);
    expect(conversations[0]?.isPinned).toBe(false);
    expect(conversations[0]).not.toHaveProperty("colour");
    expect(allMessages(conversations[0] ?? chat.newConversation())[0]).not.toHaveProperty("mood");
  });

  it.each([
    ["a newer version", file({ version: 2 }), /it has version 2, and this page reads version 1/],
    ["no version", file({ version: "1" }), /does not say which version/],
    ["no conversation", file({ conversations: [] }), /no conversation in it/],
    ["a list that is none", file({ conversations: {} }), /no list of conversations/],
    ["half of it", file({}).slice(0, -20), /not JSON/],
    ["something else", JSON.stringify({ kind: "ingle-report" }), /neither an export of Ingle's nor ChatGPT's/],
    ["nothing", "", /not JSON/],
    ["a number", "12", /neither/],
    ["a nest", `${"[".repeat(201)}${"]".repeat(201)}`, /more than 200 deep/],
    ["a nest of a million", `{"a":${"[".repeat(1e6)}`, /more than 200 deep/],
  ])("with %s is refused", (_what, text, message) => {
    expect(() => readConversationFile(text)).toThrow(invalid(message));
  });

  it("may say anything in its texts, brackets and quotes too", () => {
    const nasty = `${"[".repeat(500)}\\"${'{"'.repeat(300)}\\\\`;
    const talk = chat.addMessage(chat.newConversation(), { content: nasty });
    expect(readConversationFile(toIngleFile([talk])).conversations).toEqual([talk]);
  });

  it("is refused in words, or read as sound trees, whatever is in it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 2 }), (json, parent) => {
        const messages = [{ ...conversation.messages[0], parent }, json, ...conversation.messages];
        const { conversations } = readConversationFile(file({ conversations: [{ ...conversation, messages }, json] }));
        expect(conversations[0]?.messages.size).toBe(4);
        try {
          readConversationFile(JSON.stringify(json));
        } catch (thrown) {
          expect(thrown).toEqual(invalid(/./));
        }
      }),
    );
  });
});

describe("Markdown", () => {
  const words = { untitled: "Untitled", you: "You", assistant: "Assistant", cutOff: "cut off" };
  const next = stamps();

  it("is the branch that is shown, thoughts quoted, files fenced, and a fence that was left open closed", () => {
    let talk = chat.addMessage(
      chat.newConversation(undefined, next()),
      { content: "Why?", attachments: [{ name: "a.md", text: "```\nx\n```" }] },
      next(),
    );
    talk = chat.appendText(
      chat.beginReply(talk, "qwen", next()),
      "<think>\nhm\n\nso\n</think>\n\n```js\nlet a;\n```\n",
    );
    talk = chat.addMessage(chat.endReply(talk, { finishReason: "stop", usage }), { content: "More" }, next());
    talk = chat.cutReply(chat.appendText(chat.beginReply(talk, "qwen", next()), "~~~~\n```\nlet"));
    expect(toMarkdown(talk, words)).toBe(
      [
        "# Why?",
        "## You",
        "**a.md**",
        "````\n```\nx\n```\n````",
        "Why?",
        "## Assistant (qwen)",
        "> hm\n> \n> so",
        "```js\nlet a;\n```",
        "## You",
        "More",
        "## Assistant (qwen)",
        "~~~~\n```\nlet\n~~~~",
        "*cut off*\n",
      ].join("\n\n"),
    );
    expect(toMarkdown(chat.newConversation(), words)).toBe("# Untitled\n");
    expect(allToMarkdown([], words)).toBe("");
    expect(allToMarkdown([talk, chat.newConversation()], words)).toBe(
      `${toMarkdown(talk, words)}\n---\n\n# Untitled\n`,
    );
  });

  it.each([
    ["a\n```js\nb", "```"],
    ["````\n```\n", "````"],
    ["```\nb\n```", undefined],
    ["```\nb\n``` js", "```"],
    ["```\nb\n~~~", "```"],
    ["```\nb\n`````", undefined],
    ["``` a`b\n", undefined],
    ["    ```\n", undefined],
    ["a ```\n", undefined],
    ["~~~ `\n", "~~~"],
  ])("%j leaves %j open", (markdown, fence) => {
    expect(openFence(markdown)).toBe(fence);
  });

  it("leaves no fence open and loses no line, whatever is said", () => {
    const line = fc.constantFrom("```", "````", "~~~", "``` js", "text", "  ```", "</think>", "<think>", "# You", "");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(line, { maxLength: 8 }), (asked, replied) => {
        const stamp = stamps();
        const question = asked.join("\n");
        let talk = chat.addMessage(chat.newConversation(undefined, stamp()), { content: question }, stamp());
        talk = chat.cutReply(chat.appendText(chat.beginReply(talk, "m", stamp()), replied.join("\n")));
        const markdown = toMarkdown(talk, words);
        expect(openFence(markdown)).toBeUndefined();
        expect(markdown).toContain(question);
        const said = replied.filter((each) => each === "text").length + asked.filter((each) => each === "text").length;
        expect(markdown.match(/^(> )?text$/gmu) ?? []).toHaveLength(said);
      }),
    );
  });
});

describe("a file of presets", () => {
  const preset: Preset = {
    id: "p",
    name: "Poet",
    systemPrompt: "Rhyme.",
    model: "qwen2.5-0.5b",
    sampling: { temperature: 1.2, topK: 0, seed: 5 },
    contextLength: 2048,
    maxTokens: 500,
  };
  const plain: Preset = {
    id: "q",
    name: "Plain",
    systemPrompt: "",
    model: undefined,
    sampling: {},
    contextLength: undefined,
    maxTokens: undefined,
  };

  it("reads back as the same presets with ids of their own", () => {
    const read = readPresetFile(toPresetFile([preset, plain]));
    expect(read.map((each) => ({ ...each, id: "" }))).toEqual([preset, plain].map((each) => ({ ...each, id: "" })));
    expect(new Set([...read, preset, plain].map(({ id }) => id)).size).toBe(4);
  });

  const file = (change: object, outside: object = {}) =>
    JSON.stringify({ kind: "ingle-presets", version: 1, presets: [{ name: "Poet", ...change }], ...outside });

  it("needs no more than a name, and may say what is not known", () => {
    expect(readPresetFile(file({ colour: "red", sampling: { topK: 3, mirostat: 2 } }))).toMatchObject([
      { name: "Poet", systemPrompt: "", model: undefined, sampling: { topK: 3 }, contextLength: undefined },
    ]);
    expect(readPresetFile(file({ sampling: { mirostat: 2 } }))[0]?.sampling).toEqual({});
  });

  it.each([
    [file({ name: " " }), /presets\.0\.name is not as it should be/],
    [file({ sampling: { temperature: -1 } }), /presets\.0\.sampling\.temperature/],
    [file({ sampling: { topK: 1.5 } }), /presets\.0\.sampling\.topK/],
    [file({ contextLength: 0 }), /contextLength/],
    [file({}, { presets: [] }), /presets is not as it should be/],
    [file({}, { version: 2 }), /version 2, and this page reads version 1/],
    [file({}, { version: undefined }), /which version/],
    [file({}, { kind: "ingle-conversations" }), /no file of Ingle's presets/],
    ["[]", /no file of Ingle's presets/],
    ["{", /not JSON/],
  ])("that is %s is refused", (text, message) => {
    expect(() => readPresetFile(text)).toThrow(invalid(message));
  });
});
