/** What the bench makes of what it measured. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BenchReport } from "../../scripts/bench/bench-report";
import { broken } from "../../scripts/bench/figures";
import { heapFigures } from "../../scripts/bench/loading";
import { repeat, spreadOfKnown } from "../../scripts/bench/series";
import { reportAsTable } from "../../scripts/bench/table";
import { MiB } from "../../src/shared/units";

const spread = (median: number, samples = 3) => ({
  median,
  lowerQuartile: median * 0.9,
  upperQuartile: median * 1.1,
  samples,
});

const report: BenchReport = {
  kind: "ingle-bench",
  version: 1,
  where: {
    browser: "156.0.1.2",
    adapter: "google swiftshader",
    processor: "Some CPU",
    cores: 2,
    loadAverage: { before: 0.5, after: 1.25 },
    readBandwidth: spread(2),
  },
  model: {
    name: "Synthetic qwen2.5-0.5b",
    contextLength: 2304,
    bytes: { weights: 330 * MiB, kv: 27 * MiB, scratch: 6 * MiB, total: 363 * MiB },
    layers: 24,
  },
  loading: {
    firstMs: 4000,
    again: spread(2000),
    compile: spread(1500),
    compileBesideWeightsMs: 1800,
    pipelines: 13,
    choosingMs: 900,
    candidates: 11,
    gpu: { bytes: 364 * MiB, peakBytes: 365 * MiB },
    heap: { peak: 40 * MiB, tokenizer: 30 * MiB, after: 12 * MiB, samples: 99 },
  },
  perToken: { dispatches: 123, submits: 1, buffers: 0, bindGroups: 0, pipelines: 0, bytesRead: 4 },
  prefill: [{ tokens: 64, tokensPerSecond: spread(9.5), timeToFirstTokenMs: spread(700) }],
  decode: [{ context: 64, tokens: 40, tokensPerSecond: spread(2.5, 1), bandwidthShare: 0.437 }],
  notes: ["Something was left out."],
};

describe("bounds", () => {
  it("that are the same on every machine hold, others do not count", () => {
    expect(broken(report)).toEqual([]); // 2.5 tokens/s are too few, but may be another machine's
  });

  it.each([
    [{ perToken: { ...report.perToken, dispatches: 126 } }, "dispatches"],
    [{ perToken: { ...report.perToken, submits: 1.1 } }, "submits"],
    [{ perToken: { ...report.perToken, bindGroups: 0.1 } }, "buffers, bind groups, pipelines created"],
    [{ perToken: { ...report.perToken, bytesRead: 65 } }, "bytes read back"],
    [
      { loading: { ...report.loading, heap: { ...report.loading.heap, peak: 65 * MiB } } },
      "JavaScript, above start, peak",
    ],
    [{ loading: { ...report.loading, gpu: { bytes: 393 * MiB, peakBytes: 0 } } }, "GPU: all buffers"],
  ])("%o is noticed", (changed, label) => {
    expect(broken({ ...report, ...changed }).map((row) => row.label)).toEqual([label]);
  });

  it("says nothing of a toy's scratch buffers", () => {
    const bytes = { weights: MiB, kv: MiB, scratch: 6 * MiB, total: 8 * MiB };
    expect(broken({ ...report, model: { ...report.model, bytes } })).toEqual([]);
  });
});

describe("the table", () => {
  const lines = reportAsTable(report).split("\n");
  const lineOf = (label: string) => lines.find((line) => line.trim().startsWith(label))?.replaceAll(/ {2,}/g, "  ");

  it("says where and under which load it was measured", () => {
    expect(lines[0]).toBe("Synthetic qwen2.5-0.5b on google swiftshader");
    expect(lines[1]).toBe("Chromium 156.0.1.2; 2 × Some CPU; load average 0.5 before, 1.25 after");
    expect(lines.at(-1)).toBe("Something was left out.");
  });

  it("has medians, quartiles and bounds", () => {
    expect(lineOf("prefill, 64")).toBe("  prefill, 64 tokens  9.5 tokens/s  8.55 – 10.5, 3 runs  ≥ 8");
    expect(lineOf("decode at")).toBe("  decode at a context of 64  2.5 tokens/s  1 run  ≥ 3  MISSED");
    expect(lineOf("of the read bandwidth")).toBe("  of the read bandwidth  43.7 %");
    expect(lineOf("compiling")).toBe("  compiling 13 pipelines  1.5 s  1.35 s – 1.65 s, 3 runs  ≤ 2 s");
    expect(lineOf("dispatches")).toBe("  dispatches  123  ≤ 125");
  });

  it("leaves out what could not be measured, and speaks of no other adapter's bounds", () => {
    const elsewhere = reportAsTable({
      ...report,
      where: { ...report.where, adapter: "nvidia hopper", readBandwidth: undefined },
      loading: { ...report.loading, choosingMs: undefined },
      decode: [{ context: 64, tokens: 1, tokensPerSecond: undefined, bandwidthShare: undefined }],
    });
    expect(elsewhere).not.toMatch(/MISSED|bandwidth|≥|undefined|NaN/);
    expect(elsewhere).toMatch(/choosing among 11 candidates +remembered/);
    expect(elsewhere).toMatch(/decode at a context of 64 +unknown/);
  });
});

describe("the worker's memory", () => {
  const samples = [10, 12, 40, 35, 60, 20].map((bytes, i) => ({ at: 1000 + i, bytes }));

  it("is told above start, the tokenizer's share apart", () => {
    expect(heapFigures(samples, 1001.5)).toEqual({ peak: 50, tokenizer: 30, after: 10, samples: 6 });
  });

  it("is the tokenizer's whole when nothing came after it", () => {
    expect(heapFigures(samples, NaN).tokenizer).toBe(50);
  });
});

describe("a series", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const runs = async (plan: { least: number; most: number; patienceMs: number }, ms: number) => {
    const all = repeat(plan, "It", async (i) => {
      await new Promise((done) => setTimeout(done, ms));
      return i;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    return all;
  };

  it("has at most so many runs", async () => {
    expect(await runs({ least: 2, most: 4, patienceMs: 10_000 }, 10)).toEqual([0, 1, 2, 3]);
  });

  it("ends when the next would take too long", async () => {
    expect(await runs({ least: 1, most: 9, patienceMs: 10_000 }, 4000)).toEqual([0, 1]);
  });

  it("has at least so many, as long as they take", async () => {
    expect(await runs({ least: 3, most: 9, patienceMs: 10_000 }, 8000)).toEqual([0, 1, 2]);
  });

  it("ends with an error when a run does not end", async () => {
    const stuck = repeat({ least: 1, most: 1, patienceMs: 0 }, "Decoding", () => new Promise(() => undefined));
    const expected = expect(stuck).rejects.toMatchObject({ code: "timed-out", message: /^Decoding/ });
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    await expected;
  });

  it("has no spread without samples", () => {
    expect(spreadOfKnown([undefined])).toBeUndefined();
    expect(spreadOfKnown([1, undefined, 3])).toMatchObject({ median: 2, samples: 2 });
  });
});
