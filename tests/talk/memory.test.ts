/** What a tab remembers beside the conversations. */
import { describe, expect, it } from "vitest";
import { fakeMemory } from "./parts";

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
