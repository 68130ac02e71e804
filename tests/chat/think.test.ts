import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitThought, ThoughtSplitter } from "../../src/chat/think";

describe("a thought", () => {
  it.each([
    ["<think>a</think>b", "a", "b"],
    ["\n <think>\na\n</think>\n\n  b ", "\na\n", "b "],
    ["<think></think>b", "", "b"],
    ["<think>a</think>\n<think>b</think>c", "a\n\nb", "c"],
    // The template opened it.
    ["a\nb\n</think>\n\nc", "a\nb\n", "c"],
    ["</think>\nc", "", "c"],
    // About thoughts.
    ["Write <think>a</think> so.", "", "Write <think>a</think> so."],
    ["Say:\n<think>\na\n</think>\nb", "", "Say:\n<think>\na\n</think>\nb"],
    ["a </think> b", "", "a </think> b"],
    ["<think>a</think>b\n</think>\nc", "a", "b\n</think>\nc"],
    ["  a", "", "  a"],
    ["<thin", "", "<thin"],
    ["", "", ""],
  ])("of %j is %j, and the answer %j", (reply, thought, answer) => {
    expect(splitThought(reply)).toEqual({ thought, answer, isThinking: false });
  });

  it("that is not closed goes on to the end", () => {
    expect(splitThought("<think>a</thin")).toEqual({ thought: "a</thin", answer: "", isThinking: true });
  });

  it("is the same however the reply comes", () => {
    const piece = fc.oneof(
      fc.constantFrom("<think>", "</think>", "<think", ">", "\n", "\n</think>", " ", "a", "<", "/", "t", "h"),
      fc.string({ maxLength: 5 }),
      fc.constant(" ".repeat(600)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(60), { maxLength: 10 }), (pieces, cuts) => {
        const reply = pieces.join("");
        const at = [0, ...cuts.filter((cut) => cut < reply.length).toSorted((a, b) => a - b), reply.length];
        const splitter = new ThoughtSplitter();
        at.slice(1).forEach((to, i) => splitter.push(reply.slice(at[i], to)));
        expect(splitter.split(true)).toEqual(splitThought(reply));
        const byCharacter = new ThoughtSplitter();
        for (let i = 0; i < reply.length; i++) byCharacter.push(reply.charAt(i));
        expect(byCharacter.split(true)).toEqual(splitThought(reply));
      }),
      { numRuns: 2000 },
    );
  });

  it("is told while it comes, without halves of tags", () => {
    const splitter = new ThoughtSplitter();
    const told = ["<th", "ink>so", "</", "think>", "\n\nyes"].map((piece) => {
      splitter.push(piece);
      return splitter.split();
    });
    expect(told).toEqual([
      { thought: "", answer: "", isThinking: false },
      { thought: "so", answer: "", isThinking: true },
      { thought: "so", answer: "", isThinking: true },
      { thought: "so", answer: "", isThinking: false },
      { thought: "so", answer: "yes", isThinking: false },
    ]);
  });
});
