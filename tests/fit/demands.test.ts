/** What a verdict says a model asks for besides memory. */
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { stated } from "../../src/fit/budget";
import { deviceOf, type FitDevice } from "../../src/fit/device";
import { fit } from "../../src/fit/fit";
import { DEFAULT_SETTINGS, type FitSettings } from "../../src/fit/verdict";
import { GiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";

const device = deviceOf(makeReport());

describe("verdicts", () => {
  it("say what is needed of the disk and of WebGPU where it is there, too, and nothing twice", () => {
    const on = (more: Partial<FitDevice>, settings: Partial<FitSettings> = {}) =>
      fit({ ...device, ...more }, stated(8 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, ...settings })
        .verdicts.flatMap(({ all }) => all)
        .find(({ build }) => build.id === "Qwen2.5-0.5B-Instruct-q4f16_1-MLC");
    const f16 = "WebLLM's build of it needs shader-f16, a WebGPU feature that this adapter has.";
    const [has, disk] = on({ diskLeft: 50 * GiB })?.demands ?? [];
    expect(has).toBe(f16);
    expect(disk).toMatch(/^Its download has 2\d\d MiB; this browser keeps 50 GiB more for this site\.$/);
    expect(on({ diskLeft: undefined })?.demands[1]).toMatch(/^Its download has .* is not known\.$/);
    expect(on({ diskLeft: 0 })?.demands).toEqual([f16]);
    const stored = new Map([["Qwen2.5-0.5B-Instruct-q4f16_1-MLC", { hasLibrary: true }]]);
    expect(on({}, { stored })?.demands).toEqual([f16]);
    // Ingle's engine needs no feature.
    expect(on({ diskLeft: 50 * GiB }, { engine: "wgsl" })?.demands).toEqual([disk]);
  });
});
