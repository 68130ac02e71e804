/** A conversation with each thing that messages are made of, and each end that a reply comes to, as a file of Ingle's own. */

const RICH = `<think>They ask for a lighthouse. I should be brief.</think>## A lighthouse

It stands on **rock**, *alone*, and its \`lamp\` turns in $t = 5$ s. See [its history](https://example.org/history).

> A quotation.

1. a lamp
2. a stair

| part | height | made of | painted | since | by whom it is kept | and what for |
|---|---|---|---|---|---|---|
| tower | 30 m | granite | white and red | 1874 | the keeper, who is called Ottilie | ships |

\`\`\`js
const light = (on) => (on ? "bright" : "dark"); // and a comment that is so long that it is wider than a phone is
\`\`\`

$$E = mc^2$$

- [x] built
- [ ] lit

![a picture](https://example.org/picture.png)
`;

const usage = {
  promptTokens: 20,
  cachedTokens: 0,
  completionTokens: 1234,
  timeToFirstTokenMs: 321,
  prefillTokensPerSecond: 100,
  decodeTokensPerSecond: 12.3,
  seed: 1,
};

const MESSAGES = [
  {
    content: "Tell me of a lighthouse.",
    attachments: [{ name: "notes.txt", text: "The keeper is called Ottilie." }],
  },
  { content: RICH, finishReason: "stop" },
  { content: "ما عاصمة فرنسا؟" },
  { content: "It went on and on", finishReason: "length" },
  { content: "And then?" },
  { content: "It went on and on, and on", finishReason: "context" },
  { content: "And now?" },
  { content: "Half of a", state: "cut-off" },
];

export function wholeConversation(): { name: string; mimeType: string; buffer: Buffer } {
  const messages = MESSAGES.map((message, i) => ({
    id: `m${i}`,
    ...(i > 0 && { parent: `m${i - 1}` }),
    state: "whole",
    createdAt: 1000 + i,
    ...(i % 2 === 0 ? { role: "user" } : { role: "assistant", model: "Llama-3.2-1B-Instruct", usage }),
    ...message,
  }));
  // The same reply once more, a branch.
  const other = { ...messages.at(-1), id: "other" };
  const conversation = { createdAt: 1, changedAt: 1, isPinned: true, leaf: "m7", messages: [...messages, other] };
  const conversations = ["All there is", "Another"].map((title, i) => ({ ...conversation, id: `c${i}`, title }));
  const buffer = Buffer.from(JSON.stringify({ kind: "ingle-conversations", version: 1, conversations }));
  return { name: "whole.json", mimeType: "application/json", buffer };
}
