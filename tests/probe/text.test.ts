import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/probe/report";
import { reportAsText } from "../../src/probe/text";
import { makeAdapter, makeReport } from "../fixtures/make-report";

const lines = (text: string) => text.split("\n");

describe("reportAsText", () => {
  it("begins with the verdict, what to do and the notes, each on its line", () => {
    const adapter = known(makeAdapter({ features: known(["subgroups"]) }));
    const report = makeReport({
      webgpu: unknown("no-adapter", "The GPU is blocked.", "Reload the page."),
      adapters: { ...makeReport().adapters, highPerformance: adapter },
    });
    const [verdict, remedy, note, empty] = lines(reportAsText(report));
    expect([verdict, remedy, empty]).toEqual(["No: the GPU is blocked.", "Reload the page.", ""]);
    expect(note).toMatch(/^· No 16-bit arithmetic/);
  });

  it("aligns each table by its longest label", () => {
    const text = lines(reportAsText(makeReport()));
    const start = text.indexOf("Storage") + 1;
    const values = ["10 GiB", "2 KiB", "no", "works: written and read back", "works: written and read back"];
    const longest = "Origin private file system".length;
    expect(values.map((value, i) => text[start + i]?.indexOf(value))).toEqual(values.map(() => 2 + longest + 2));
  });

  it("sets limits against the default, in brackets", () => {
    expect(reportAsText(makeReport())).toMatch(/^ {2}maxBufferSize +2 GiB \(\+1\.75 GiB, 8 × the default\)$/m);
  });

  it("gives the whole reason where there is no value", () => {
    const { storage } = makeReport();
    const text = reportAsText(
      makeReport({ storage: { ...storage, opfs: unknown("timed-out", "It never answered.") } }),
    );
    expect(text).toMatch(/^ {2}Origin private file system +no answer: It never answered\.$/m);
  });

  it("writes features as a paragraph, none as none, and unknown ones with their reason", () => {
    const withFeatures = (features: Parameters<typeof makeAdapter>[0]) =>
      reportAsText(
        makeReport({ adapters: { ...makeReport().adapters, highPerformance: known(makeAdapter(features)) } }),
      );
    expect(withFeatures({})).toContain("\n\nFeatures\n  shader-f16, subgroups\n");
    expect(withFeatures({ features: known([]) })).toContain("\n\nFeatures\n  none\n");
    expect(withFeatures({ features: unknown("failed", "They failed.") })).toContain(
      "\n\nFeatures\n  Features  no: They failed.\n",
    );
  });

  it("stays whole where a section has no rows", () => {
    const text = reportAsText(makeReport({ kernelChecks: known([]) }));
    expect(text).toContain("\n\nKernel self-check\n\nWhere WebGPU works\n");
    expect(text).not.toMatch(/undefined|NaN|\[object|Infinity/);
  });
});
