/** Ingle's engine opens its device at WebGPU's default limits, however much more the adapter allows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { stated } from "../../src/fit/budget";
import { DEFAULT_LIMITS, deviceOf, type FitDevice } from "../../src/fit/device";
import { fit } from "../../src/fit/fit";
import { DEFAULT_SETTINGS } from "../../src/fit/verdict";
import { GiB, MiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";

const blank = deviceOf(makeReport());
const LARGE = { ...blank.limits, maxBufferSize: 4 * GiB, maxStorageBufferBindingSize: 4 * GiB };

const onOurs = (limits: FitDevice["limits"], contextLength: number) =>
  fit({ ...blank, limits }, stated(64 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, engine: "wgsl", contextLength })
    .verdicts.flatMap(({ all }) => all)
    .filter(({ engine }) => engine === "wgsl");

describe("Ingle's engine", () => {
  it("has a layer's cache in a binding of 128 MiB, and fits no conversation that needs more", () => {
    const of = (contextLength: number) =>
      onOurs(LARGE, contextLength).find(({ build }) => build.id === "Llama-3.1-8B-Instruct-q4f16_1-MLC");
    expect(of(16_384)?.state).toBe("fits");
    expect(of(16_640)?.state).toBe("does-not-fit");
    expect(of(32_768)?.reasons[0]).toBe("Needs one binding of 256 MiB; Ingle gets 128 MiB here.");
  });

  it("fits only what such a device holds, on any adapter and with any context", () => {
    const limit = fc.integer({ min: DEFAULT_LIMITS.maxStorageBufferBindingSize, max: 4 * GiB });
    fc.assert(
      fc.property(limit, fc.integer({ min: 256, max: 131_072 }), (allowed, contextLength) => {
        const limits = { ...LARGE, maxStorageBufferBindingSize: allowed };
        for (const { build, state, bytes } of onOurs(limits, contextLength)) {
          const { shape } = CATALOGUE.find(({ builds }) => builds.includes(build)) ?? { shape: { layers: NaN } };
          expect(state === "fits").toBe(bytes.kv / shape.layers <= 128 * MiB);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gets no more than an adapter that falls short of the defaults has", () => {
    const [first] = onOurs({ ...LARGE, maxStorageBufferBindingSize: MiB }, 4096);
    expect(first?.reasons.join(" ")).toContain("Ingle gets 1 MiB here.");
  });
});
