/** What a tab remembers beside the conversations. */
import { describe, expect, it } from "vitest";
import { fakeMemory } from "./parts";

const file = (name: string, length: number) => ({ name, text: "x".repeat(length) });

describe("files that are not sent yet", () => {
  it("are each conversation's, all of them or none, as far as there is room for all together", () => {
    const memory = fakeMemory();
    memory.keepFiles("a", [file("one", 10), file("two", 20)]);
    memory.keepFiles("b", [file("three", 999_900)]);
    expect(memory.files("a")).toEqual([file("one", 10), file("two", 20)]);
    expect(memory.files("b")).toEqual([]);
    memory.keepFiles("a", []);
    memory.keepFiles("b", [file("three", 999_900)]);
    expect(memory.files("b")).toEqual([file("three", 999_900)]);
    memory.keepFiles("b", [file("three", 999_900), file("four", 100)]);
    expect(memory.files("b")).toEqual([]);
  });

  it.each(["{", "5", '[["a",[{"name":"one"}]]]', '{"a":[]}'])("that make no sense are none: %s", (kept) => {
    const memory = fakeMemory({ "ingle.talk.files": kept });
    expect(memory.files("a")).toEqual([]);
    memory.keepFiles("a", [file("one", 10)]);
    expect(memory.files("a")).toEqual([file("one", 10)]);
  });
});

describe("a text that a message is being changed to", () => {
  it("is this message's in this conversation, whatever their ids, until it is given up", () => {
    const memory = fakeMemory();
    memory.keepEdit("a", "b.c", "one");
    memory.keepEdit("a.b", "c", "");
    memory.keepEdit('a","b', "c", "three");
    expect([memory.edit("a", "b.c"), memory.edit("a.b", "c"), memory.edit('a","b', "c")]).toEqual(["one", "", "three"]);
    expect(memory.edit("a", "b")).toBeUndefined();
    memory.keepEdit("a", "b.c", undefined);
    expect(memory.edit("a", "b.c")).toBeUndefined();
    expect(memory.draft("a")).toBe("");
  });
});
