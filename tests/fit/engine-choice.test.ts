/** Which engine Auto takes, and whether the reason that the page gives for it is true. */
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { rehearsed, stated, UNKNOWN_BUDGET, type MemoryBudget } from "../../src/fit/budget";
import { deviceOf, type FitDevice } from "../../src/fit/device";
import { judgeModel } from "../../src/fit/fit";
import { DEFAULT_SETTINGS, judgeBuild } from "../../src/fit/verdict";
import { GiB } from "../../src/shared/units";
import type { EngineName } from "../../src/shared/engines";
import { makeReport } from "../fixtures/make-report";

const device: FitDevice = { ...deviceOf(makeReport()), bandwidth: 100e9, dispatchCost: 10e-6 };
const model = CATALOGUE.find(({ id }) => id === "Qwen2.5-0.5B-Instruct");
const build = model?.builds.find(({ quantization }) => quantization === "q4f16_1");
if (model === undefined || build === undefined) throw new Error("The catalogue has no Qwen2.5-0.5B.");
const offered = { model, build };

type Speeds = Partial<Record<EngineName, number>>;
const settingsOf = (speeds: Speeds) => ({
  ...DEFAULT_SETTINGS,
  measuredSpeed: (_build: string, engine: EngineName) => speeds[engine],
});

function taken(budget: MemoryBudget, speeds: Speeds = {}, on: FitDevice = device) {
  const found = judgeModel(offered.model, on, budget, settingsOf(speeds)).all.find(
    (each) => each.build === offered.build,
  );
  if (found === undefined) throw new Error("It has no such build.");
  return found;
}

const bytesOn = (engine: EngineName) =>
  judgeBuild(offered.model, offered.build, engine, device, UNKNOWN_BUDGET, DEFAULT_SETTINGS).bytes.total;
/** [bytes] With WebLLM it takes more: between these two are the amounts that tell the engines apart. */
const [ours, webllm] = [bytesOn("wgsl"), bytesOn("webllm")];

describe("what was measured on both", () => {
  it("decides, however little room there is with the faster, or known to be", () => {
    expect(taken(stated(webllm * 1.1), { webllm: 30, wgsl: 20 })).toMatchObject({ engine: "webllm", state: "tight" });
    expect(taken(rehearsed(ours), { webllm: 30, wgsl: 20 })).toMatchObject({ engine: "webllm", state: "unknown" });
    expect(taken(rehearsed(ours), { webllm: 30, wgsl: 20 }).engineReason).toBe(
      "WebLLM: measured here, it gives 30 tokens/s, Ingle 20.",
    );
    expect(taken(stated(8 * GiB), { webllm: 3, wgsl: 2 }).engine).toBe("webllm");
    expect(taken(stated(8 * GiB), { webllm: 2, wgsl: 3 }).engine).toBe("wgsl");
  });

  it("does not where the faster does not fit any more", () => {
    const found = taken(stated(webllm * 0.9), { webllm: 30, wgsl: 20 });
    expect(found).toMatchObject({ engine: "wgsl", state: "fits" });
    expect(found.engineReason).toMatch(/^Ingle\. WebLLM can't run this build here: Needs /);
  });
});

describe("Auto, before anything is measured, takes WebLLM", () => {
  it("where the memory for it is not known, though ours is known to fit", () => {
    const found = taken(rehearsed(ours));
    expect(found).toMatchObject({ engine: "webllm", state: "unknown" });
    expect(found.engineReason).toMatch(/^WebLLM, whose code is compiled for this model/);
    expect(taken(UNKNOWN_BUDGET).engine).toBe("webllm");
  });

  it("where it is predicted too slow, and ours is not", () => {
    const slow = { ...device, dispatchCost: 700e-6 };
    const speedOn = (engine: EngineName) =>
      judgeBuild(offered.model, offered.build, engine, slow, stated(8 * GiB), DEFAULT_SETTINGS).speed?.tokensPerSecond;
    expect(speedOn("webllm")).toBeLessThan(DEFAULT_SETTINGS.wishedSpeed);
    expect(speedOn("wgsl")).toBeGreaterThan(DEFAULT_SETTINGS.wishedSpeed);
    expect(taken(stated(8 * GiB), {}, slow).engine).toBe("webllm");
  });

  it("but where it leaves little of the memory, and ours leaves room", () => {
    const found = taken(stated(webllm * 1.1));
    expect(found).toMatchObject({ engine: "wgsl", state: "fits" });
    expect(found.engineReason).toMatch(/^Ingle\. With WebLLM there is less room: Needs .* little is left/);
    // It ran: its memory is there.
    expect(taken(stated(webllm * 1.1), { webllm: 5 }).engine).toBe("webllm");
  });

  it("but where the adapter does not meet its demands", () => {
    const limits = { ...device.limits, maxStorageBuffersPerShaderStage: 8 };
    expect(taken(stated(8 * GiB), {}, { ...device, limits }).engine).toBe("wgsl");
  });
});
