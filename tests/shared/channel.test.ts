import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Channel } from "../../src/shared/channel";

async function readAll<T>(channel: Channel<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of channel) items.push(item);
  return items;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("a channel", () => {
  it("gives what was pushed before the reader came, and closes", async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.push(2);
    channel.close();
    expect(await readAll(channel)).toEqual([1, 2]);
  });

  it("gives what comes while the reader waits, in order", async () => {
    const channel = new Channel<number>();
    const reading = readAll(channel);
    await turn();
    channel.push(1);
    channel.push(2);
    await turn();
    channel.push(3);
    channel.close();
    expect(await reading).toEqual([1, 2, 3]);
  });

  it("gives items that are nothing much: 0, false, empty texts, null", async () => {
    const channel = new Channel<unknown>();
    const items = [0, false, "", null];
    for (const item of items) channel.push(item);
    channel.close();
    expect(await readAll(channel)).toEqual(items);
  });

  it("throws what it failed with, after what was pushed", async () => {
    const thrown = new TypeError("no");
    const channel = new Channel<number>();
    channel.push(1);
    channel.fail(thrown);
    const items: number[] = [];
    const reading = async () => {
      for await (const item of channel) items.push(item);
    };
    await expect(reading()).rejects.toBe(thrown);
    expect(items).toEqual([1]);
  });

  it("throws at a reader that waits, whatever was thrown", async () => {
    const channel = new Channel<number>();
    const reading = readAll(channel);
    await turn();
    channel.fail(undefined);
    await expect(reading).rejects.toBeUndefined();
  });

  it("ends the way it ended first", async () => {
    const closed = new Channel<number>();
    closed.close();
    closed.fail(new Error("late"));
    expect(await readAll(closed)).toEqual([]);
    const failed = new Channel<number>();
    failed.fail(new Error("early"));
    failed.close();
    await expect(readAll(failed)).rejects.toThrow("early");
  });

  it("lets its reader leave, and whoever pushes go on", async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.push(2);
    for await (const item of channel) {
      expect(item).toBe(1);
      break;
    }
    channel.push(3);
    channel.fail(new Error("nobody listens")); // rejects nowhere
    await turn();
  });

  it("gives all items once and in order, however pushing and reading interleave", async () => {
    const script = fc.array(fc.constantFrom("push", "wait"), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (steps, startsFirst) => {
        const channel = new Channel<number>();
        let pushed = 0;
        const early = startsFirst ? readAll(channel) : undefined;
        for (const step of steps) {
          if (step === "push") channel.push(pushed++);
          else await Promise.resolve();
        }
        channel.close();
        expect(await (early ?? readAll(channel))).toEqual(Array.from({ length: pushed }, (_, i) => i));
      }),
    );
  });
});
