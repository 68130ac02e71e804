import { describe, expect, it } from "vitest";
import { compareReports, type ComparedRow } from "../../src/probe/compare";
import { SECTION_IDS, type SectionId } from "../../src/probe/sections";
import { known, unknown, type CapabilityReport } from "../../src/probe/report";
import { makeAdapter, makeReport } from "../fixtures/make-report";

function rowOf(first: CapabilityReport, second: CapabilityReport, id: SectionId, key: string): ComparedRow {
  const row = compareReports(first, second)
    .find((section) => section.id === id)
    ?.rows.find((each) => each.key === key);
  if (row === undefined) throw new Error(`There is no row ${id}.${key}.`);
  return row;
}

const withLimits = (limits: Record<string, number>) =>
  makeReport({
    adapters: { ...makeReport().adapters, highPerformance: known(makeAdapter({ limits: known(limits) })) },
  });
const withFeatures = (...features: string[]) =>
  makeReport({
    adapters: { ...makeReport().adapters, highPerformance: known(makeAdapter({ features: known(features) })) },
  });
const withBandwidth = (median: number, lowerQuartile: number, upperQuartile: number) =>
  makeReport({
    measurements: {
      ...makeReport().measurements,
      readBandwidth: known({ median, lowerQuartile, upperQuartile, samples: 9 }),
    },
  });

describe("compareReports", () => {
  it("finds a report the same as itself, section for section", () => {
    const sections = compareReports(makeReport(), makeReport());
    expect(sections.map(({ id }) => id)).toEqual(SECTION_IDS);
    for (const { rows } of sections) {
      for (const row of rows) expect(row).toMatchObject({ same: true, difference: "the same" });
    }
  });

  it.each([
    [1000, 2000, "2 × as much"],
    [2000, 1000, "2 × less"],
    [4, 10, "2.5 × as much"],
    [3, 1, "3 × less"],
    [0, 5, "more"],
    [5, 0, "less"],
    [7, 7, "the same"],
  ])("says of %d against %d: %s", (first, second, difference) => {
    const row = rowOf(
      withLimits({ maxBindGroups: first }),
      withLimits({ maxBindGroups: second }),
      "limits",
      "maxBindGroups",
    );
    expect(row.difference).toBe(difference);
    expect(row.same).toBe(difference === "the same");
  });

  it("says which of the two has what the other lacks", () => {
    const [first, second] = [withFeatures("shader-f16", "subgroups"), withFeatures("subgroups", "timestamp-query")];
    expect(rowOf(first, second, "features", "shader-f16")).toMatchObject({
      first: "yes",
      second: undefined,
      difference: "only in this",
    });
    expect(rowOf(first, second, "features", "timestamp-query")).toMatchObject({
      first: undefined,
      difference: "only in the other",
    });
    expect(rowOf(first, second, "features", "subgroups")).toMatchObject({ same: true });
  });

  it("sets what is not a number side by side", () => {
    const second = makeReport({ webgpu: known(true), browser: { ...makeReport().browser, name: known("Firefox") } });
    expect(rowOf(makeReport(), second, "page", "browser")).toEqual({
      key: "browser",
      label: "Browser",
      first: "Chrome 150.0.0.0",
      second: "Firefox 150.0.0.0",
      same: false,
      difference: "differs",
    });
  });

  it("does not call equal medians of different spread a difference in size", () => {
    const { difference } = rowOf(
      withBandwidth(200, 190, 210),
      withBandwidth(200, 150, 250),
      "measurements",
      "readBandwidth",
    );
    expect(difference).not.toMatch(/×/);
  });

  it("does not call a difference that rounds to nothing one time as much", () => {
    const { difference } = rowOf(
      withBandwidth(1000, 190, 2100),
      withBandwidth(1001, 190, 2100),
      "measurements",
      "readBandwidth",
    );
    expect(difference).not.toMatch(/^1 ×/);
  });

  it("does not call no and not known the same", () => {
    const { storage } = makeReport();
    const failed = makeReport({ storage: { ...storage, persisted: unknown("failed", "The storage manager failed.") } });
    expect(rowOf(makeReport(), failed, "storage", "persisted")).toMatchObject({ same: false });
  });

  it("compares with a report that has no GPU", () => {
    const none = unknown("no-api", "None.");
    const report = makeReport({ webgpu: none, adapters: { highPerformance: none, lowPower: none, fallback: none } });
    expect(rowOf(makeReport(), report, "adapter", "name")).toMatchObject({
      first: "NVIDIA lovelace GPU",
      second: "no",
      difference: "differs",
    });
    expect(rowOf(makeReport(), report, "limits", "maxBufferSize")).toMatchObject({
      second: undefined,
      difference: "only in this",
    });
  });

  it("says of an unmeasured report what only the measured one has", () => {
    const unmeasured = makeReport({
      measurements: {
        ...makeReport().measurements,
        readBandwidth: unknown("not-measured", "Not measured yet."),
      },
      kernelChecks: unknown("not-measured", "Not measured yet."),
    });
    expect(rowOf(unmeasured, makeReport(), "measurements", "readBandwidth").difference).toBe(
      "measured only in the other",
    );
    expect(rowOf(makeReport(), unmeasured, "measurements", "readBandwidth").difference).toBe("measured only in this");
    const kernels = compareReports(unmeasured, makeReport()).find(({ id }) => id === "kernels");
    expect(kernels?.rows.map(({ key, difference }) => [key, difference])).toEqual([
      ["product q4_0", "only in the other"],
    ]);
  });

  it("says of two speeds which is better, cost and rate alike", () => {
    const [slow, fast] = [withBandwidth(100, 99, 101), withBandwidth(200, 199, 201)];
    expect(rowOf(slow, fast, "measurements", "readBandwidth").difference).toBe("2 × as much, better");
    expect(rowOf(fast, slow, "measurements", "readBandwidth").difference).toBe("2 × less, worse");
  });
});
