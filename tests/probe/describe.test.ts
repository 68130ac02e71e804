import { describe, expect, it } from "vitest";
import { describe as describeReport, type Row } from "../../src/probe/describe";
import { SECTION_IDS, type SectionId } from "../../src/probe/sections";
import { known, unknown, type CapabilityReport, type ReasonCode } from "../../src/probe/report";
import { makeAdapter, makeInfo, makeReport } from "../fixtures/make-report";

function rowOf(report: CapabilityReport, id: SectionId, key: string): Row {
  const row = describeReport(report)
    .find((section) => section.id === id)
    ?.rows.find((each) => each.key === key);
  if (row === undefined) throw new Error(`There is no row ${id}.${key}.`);
  return row;
}

const withAdapter = (changes: Parameters<typeof makeAdapter>[0]) =>
  makeReport({ adapters: { ...makeReport().adapters, highPerformance: known(makeAdapter(changes)) } });
const withLimits = (limits: Record<string, number>) => withAdapter({ limits: known(limits) });

describe("describe", () => {
  it("has every section once, in its order, and unique keys in each", () => {
    const sections = describeReport(makeReport());
    expect(sections.map(({ id }) => id)).toEqual(SECTION_IDS);
    for (const { id, rows } of sections) expect(new Set(rows.map(({ key }) => key)).size, id).toBe(rows.length);
  });

  it.each<[SectionId, string, string]>([
    ["adapter", "name", "NVIDIA lovelace GPU"],
    ["adapter", "device", "not said"],
    ["adapter", "subgroupMinSize", "32 threads"],
    ["adapter", "isFallbackAdapter", "no"],
    ["workers", "sharedWorker", "works"],
    ["limits", "maxBufferSize", "2 GiB"],
    ["limits", "maxStorageBuffersPerShaderStage", "16"],
    ["features", "shader-f16", "yes"],
    ["storage", "quota", "10 GiB"],
    ["storage", "usage", "2 KiB"],
    ["storage", "persisted", "no"],
    ["storage", "indexedDb", "works: written and read back"],
    ["otherAdapters", "lowPower", "Intel gen-12lp GPU"],
    ["page", "browser", "Chrome 150.0.0.0"],
    ["page", "secureContext", "yes"],
    ["page", "crossOriginIsolated", "no"],
    ["measurements", "readBandwidth", "200 GB/s"],
    ["measurements", "dispatchCost", "200 µs"],
    ["kernels", "product q4_0", "right: largest error 1.5e-7 over 1,003 outputs, 12 % of what is allowed"],
  ])("writes %s.%s as %j", (id, key, text) => {
    expect(rowOf(makeReport(), id, key).text).toBe(text);
  });

  it("gives a measurement's spread beside it", () => {
    const { detail } = rowOf(makeReport(), "measurements", "readBandwidth");
    expect(detail).toBe("middle half of 9 samples: 190 to 210");
  });

  it("tells a field that is missing from one that is empty", () => {
    const report = withAdapter({
      info: known(makeInfo({ device: null, description: "", subgroupMinSize: null, isFallbackAdapter: null })),
    });
    expect(rowOf(report, "adapter", "device").text).toBe("not offered");
    expect(rowOf(report, "adapter", "description").text).toBe("not said");
    expect(rowOf(report, "adapter", "subgroupMinSize").text).toBe("not said");
    expect(rowOf(report, "adapter", "isFallbackAdapter").text).toBe("not said");
  });

  it("writes a range of subgroup sizes", () => {
    const report = withAdapter({ info: known(makeInfo({ subgroupMinSize: 8, subgroupMaxSize: 32 })) });
    expect(rowOf(report, "adapter", "subgroupMinSize").text).toBe("8 to 32 threads");
  });

  it("leaves out a browser's version where it is unknown", () => {
    const { browser } = makeReport();
    const report = makeReport({ browser: { ...browser, version: unknown("unsupported", "x") } });
    expect(rowOf(report, "page", "browser").text).toBe("Chrome");
  });

  it.each([
    ["maxBufferSize", 2_147_483_648, "+1.75 GiB, 8 × the default", "better"],
    ["maxBufferSize", 268_435_456, "the default", "default"],
    ["maxBufferSize", 134_217_728, "−128 MiB, 0.5 × the default", "worse"],
    ["maxStorageBufferBindingSize", 2_147_483_644, "+1.87 GiB, above the default", "better"],
    ["maxStorageBuffersPerShaderStage", 10, "+2, 1.25 × the default", "better"],
    ["maxComputeWorkgroupStorageSize", 49_152, "+32 KiB, 3 × the default", "better"],
    ["maxBindGroups", 3, "−1, 0.75 × the default", "worse"],
    ["maxInterStageShaderVariables", 28, "+12, 1.75 × the default", "better"],
    ["maxTextureDimension2D", 8191, "−1, below the default", "worse"],
    ["maxBindingsPerBindGroup", 4_294_967_295, "+4,294,966,295, above the default", "better"],
    ["minStorageBufferOffsetAlignment", 32, "−224 B, finer than the default", "better"],
    ["minStorageBufferOffsetAlignment", 512, "+256 B, coarser than the default", "worse"],
    ["maxInterStageShaderComponents", 60, "not in the specification's table", "unlisted"],
  ])("sets %s of %d against the default: %s", (name, value, text, standing) => {
    expect(rowOf(withLimits({ [name]: value }), "limits", name).against).toEqual({ text, standing });
  });

  it.each<[ReasonCode, string]>([
    ["not-measured", "not measured"],
    ["not-recorded", "unknown"],
    ["timed-out", "no answer"],
    ["unsupported", "not offered"],
    ["no-worker", "not offered"],
    ["stopped", "stopped"],
    ["failed", "no"],
  ])("has a few words for %s, and keeps the reason", (code, text) => {
    const { storage } = makeReport();
    const fact = unknown(code, "The whole sentence.");
    expect(rowOf(makeReport({ storage: { ...storage, opfs: fact } }), "storage", "opfs")).toMatchObject({
      text,
      ...fact,
    });
  });

  it("gives each part of an adapter that is missing the adapter's own reason", () => {
    const fact = unknown("no-adapter", "There is no GPU.");
    const report = makeReport({ adapters: { highPerformance: fact, lowPower: fact, fallback: fact } });
    for (const [id, key] of [
      ["adapter", "name"],
      ["limits", "limits"],
      ["features", "list"],
      ["otherAdapters", "fallback"],
    ] as const) {
      expect(rowOf(report, id, key).reason, id).toEqual(fact.reason);
    }
  });

  it("shouts when a kernel is wrong, and has words even where the error is beyond all bounds", () => {
    const result = known({
      maxError: Number.MAX_VALUE,
      maxErrorOverBound: Number.MAX_VALUE,
      outputs: 4,
      verdict: "fail" as const,
    });
    const { text } = rowOf(makeReport({ kernelChecks: known([{ kernel: "k", result }]) }), "kernels", "k");
    expect(text).toContain("WRONG");
    expect(text).not.toMatch(/unknown|NaN|Infinity/);
  });

  it("keeps the number beside its text where devices can be compared by it", () => {
    expect(rowOf(makeReport(), "limits", "maxBufferSize").number).toBe(2_147_483_648);
    expect(rowOf(makeReport(), "storage", "usage").number).toBe(2048);
    expect(rowOf(makeReport(), "measurements", "uploadRate").number).toBe(200);
    expect(rowOf(makeReport(), "page", "system").number).toBeUndefined();
  });
});
