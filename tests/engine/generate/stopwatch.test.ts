import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Stopwatch } from "../../../src/engine/wgsl/generate/stopwatch";

let now: number;
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

const rest = { promptTokens: 101, cachedTokens: 0, seed: 7 };

/** @param submitMs of each submit. @param together tokens of each. */
function usageOf(prefilled: number, prefillMs: number, submitMs: readonly number[], together = 1) {
  const watch = new Stopwatch();
  now += prefillMs;
  watch.prefilled(prefilled);
  for (const ms of submitMs) {
    now += ms;
    watch.landed(together);
    for (let i = 0; i < together; i++) watch.token();
  }
  return watch.usage(rest);
}

describe("a request's times", () => {
  it("are rates of what was computed: not of the prompt's last token, nor of the first one's wait", () => {
    expect(usageOf(101, 500, [70, 20, 20, 20])).toEqual({
      ...rest,
      completionTokens: 4,
      timeToFirstTokenMs: 570,
      prefillTokensPerSecond: 200,
      decodeTokensPerSecond: 50,
    });
  });

  it("tell of the wait for what a reply needs first in the time to its first token only", () => {
    const watch = new Stopwatch();
    now += 1000;
    watch.prepared();
    now += 500;
    watch.prefilled(101);
    now += 70;
    watch.landed(1);
    watch.token();
    expect(watch.usage(rest)).toMatchObject({ timeToFirstTokenMs: 1570, prefillTokensPerSecond: 200 });
  });

  it("have no prefill rate where all was cached, nor where the clock did not move", () => {
    expect(usageOf(1, 5, [10, 10])).toMatchObject({ prefillTokensPerSecond: undefined, decodeTokensPerSecond: 100 });
    expect(usageOf(50, 0, [10, 10]).prefillTokensPerSecond).toBeUndefined();
  });

  it("count no token as computed in no time, where several come at once", () => {
    expect(usageOf(101, 500, [70, 80, 80], 8)).toMatchObject({ completionTokens: 24, decodeTokensPerSecond: 100 });
    expect(usageOf(101, 500, [70], 8)).toMatchObject({ completionTokens: 8, decodeTokensPerSecond: undefined });
  });

  it("count what was computed past the reply's end", () => {
    const watch = new Stopwatch();
    watch.landed(8);
    now += 80;
    watch.landed(8);
    for (let i = 0; i < 9; i++) watch.token();
    expect(watch.usage(rest)).toMatchObject({ completionTokens: 9, decodeTokensPerSecond: 100 });
  });

  it("have no decode rate of one token, of none, nor where the clock did not move", () => {
    expect(usageOf(10, 5, [10])).toMatchObject({ completionTokens: 1, decodeTokensPerSecond: undefined });
    expect(usageOf(10, 5, [])).toMatchObject({ completionTokens: 0, decodeTokensPerSecond: undefined });
    expect(usageOf(10, 5, [10, 0, 0]).decodeTokensPerSecond).toBeUndefined();
  });
});
