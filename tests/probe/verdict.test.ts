import { describe, expect, it } from "vitest";
import { known, unknown, type CapabilityReport, type Fact, type KernelCheckResult } from "../../src/probe/report";
import { judge } from "../../src/probe/verdict";
import { makeAdapter, makeInfo, makeReport } from "../fixtures/make-report";

const withAdapter = (changes: Parameters<typeof makeAdapter>[0]) =>
  makeReport({ adapters: { ...makeReport().adapters, highPerformance: known(makeAdapter(changes)) } });
const withKernel = (result: Fact<KernelCheckResult>, changes: Partial<CapabilityReport> = {}) =>
  makeReport({ kernelChecks: known([{ kernel: "product q4_0", result }]), ...changes });
const notes = (report: CapabilityReport) => judge(report).notes.join(" ");

const WRONG = known({ maxError: 3, maxErrorOverBound: 900, outputs: 4, verdict: "fail" as const });

describe("judge", () => {
  it("says yes, on which GPU, and nothing more when all is well", () => {
    expect(judge(makeReport())).toEqual({
      level: "yes",
      sentence: "Yes: language models can run here, on NVIDIA lovelace GPU.",
      remedy: undefined,
      notes: [],
    });
  });

  it("says yes though the browser does not describe the GPU", () => {
    const verdict = judge(withAdapter({ info: unknown("failed", "x") }));
    expect(verdict).toMatchObject({ level: "yes", sentence: expect.stringContaining("does not describe") as string });
  });

  it("says that software is slow", () => {
    const verdict = judge(withAdapter({ info: known(makeInfo({ vendor: "google", architecture: "swiftshader" })) }));
    expect(verdict).toMatchObject({
      level: "slow",
      sentence: expect.stringMatching(/^Yes, but slowly: .*SwiftShader/) as string,
    });
  });

  it("says no with the cause, in one sentence, and what can be done", () => {
    const report = makeReport({ webgpu: unknown("no-api", "This browser does not offer WebGPU here.", "Update it.") });
    expect(judge(report)).toMatchObject({
      level: "no",
      sentence: "No: this browser does not offer WebGPU here.",
      remedy: "Update it.",
    });
    const named = makeReport({ webgpu: unknown("no-api", "Chrome 100 does not offer WebGPU here.") });
    expect(judge(named)).toMatchObject({ sentence: "No: Chrome 100 does not offer WebGPU here.", remedy: undefined });
  });

  it("claims nothing where the report does not say", () => {
    const verdict = judge(makeReport({ webgpu: unknown("not-recorded", "The source does not say.") }));
    expect(verdict).toMatchObject({ level: "unknown", sentence: expect.not.stringMatching(/^(?:Yes|No)\b/) as string });
  });

  it("says no to a GPU that computes wrongly, though it works, and names the kernel", () => {
    const verdict = judge(withKernel(WRONG));
    expect(verdict.level).toBe("no");
    expect(verdict.sentence).toContain("wrong results");
    expect(verdict.sentence).toContain("product q4_0");
    expect(verdict.remedy).toContain("driver");
  });

  it.each(["failed", "stopped", "timed-out"] as const)("does not call a self-check that %s a wrong result", (code) => {
    expect(judge(withKernel(unknown(code, "It did not run to its end."))).sentence).not.toContain("wrong results");
  });

  it("does not take a self-check not yet made for a failed one", () => {
    expect(judge(makeReport({ kernelChecks: unknown("not-measured", "Not yet.") })).level).toBe("yes");
  });

  it("notes that 16-bit arithmetic is missing, only where the features are known", () => {
    expect(notes(withAdapter({ features: known(["subgroups"]) }))).toContain("shader-f16");
    expect(notes(withAdapter({ features: unknown("not-recorded", "x") }))).toBe("");
  });

  it.each([
    ["maxStorageBuffersPerShaderStage", 10, false],
    ["maxStorageBuffersPerShaderStage", 9, true],
    ["maxComputeWorkgroupStorageSize", 32_768, false],
    ["maxComputeWorkgroupStorageSize", 32_767, true],
    ["maxBindGroups", 1, false],
  ])("with %s at %d, notes that WebLLM's models ask for more: %s", (name, value, noted) => {
    expect(notes(withAdapter({ limits: known({ [name]: value }) })).includes("WebLLM")).toBe(noted);
  });

  it("notes that nothing can be stored, only where that failed", () => {
    const { storage } = makeReport();
    expect(notes(makeReport({ storage: { ...storage, indexedDb: unknown("failed", "x") } }))).toContain("stored");
    expect(notes(makeReport({ storage: { ...storage, indexedDb: unknown("not-recorded", "x") } }))).toBe("");
  });
});
