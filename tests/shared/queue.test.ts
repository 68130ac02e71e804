import { describe, expect, it } from "vitest";
import { makeQueue } from "../../src/shared/queue";

/** Enough turns for whatever could start to have started. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("makeQueue", () => {
  it("begins nothing before what came earlier has ended", async () => {
    const queue = makeQueue();
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.push(resolve));
      log.push(`${name} ends`);
      return name;
    };
    const all = Promise.all([queue(work("a")), queue(work("b")), queue(work("c"))]);
    for (let i = 0; i < 3; i++) {
      await settle();
      expect(ends).toHaveLength(i + 1);
      ends[i]?.();
    }
    expect(await all).toEqual(["a", "b", "c"]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("goes on after a rejection, which reaches its own caller and no other", async () => {
    const queue = makeQueue();
    const thrown = new Error("no");
    const outcomes = await Promise.allSettled([
      queue(() => Promise.resolve(1)),
      queue(() => Promise.reject(thrown)),
      queue(() => {
        throw thrown; // before there is a promise at all
      }),
      queue(() => Promise.resolve("2")),
    ]);
    expect(outcomes).toEqual([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: thrown },
      { status: "rejected", reason: thrown },
      { status: "fulfilled", value: "2" },
    ]);
  });

  it("takes work that comes once it ran empty", async () => {
    const queue = makeQueue();
    await queue(() => Promise.resolve());
    await settle();
    await expect(queue(() => Promise.resolve(7))).resolves.toBe(7);
  });

  it("is one of its own each time", async () => {
    const blocked = makeQueue();
    void blocked(() => new Promise(() => undefined));
    await expect(makeQueue()(() => Promise.resolve(7))).resolves.toBe(7);
  });
});
