/** What is recommended on real devices, and what must hold on any. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { fromDeviceMemory, rehearsed, stated, UNKNOWN_BUDGET } from "../../src/fit/budget";
import { deviceOf, type FitDevice } from "../../src/fit/device";
import { fit, judgeModel, type Fit } from "../../src/fit/fit";
import { DEFAULT_SETTINGS, type FitSettings } from "../../src/fit/verdict";
import { readReport } from "../../src/probe/read-report";
import { formatBytes, formatNumber, GiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";
import { readReportFixtures } from "../fixtures/read-fixtures";

/**
 * What the reports don't say: graphics memory that a page can count on [GiB], and memory bandwidth as a shader reaches it
 * [GB/s]. Of shared memory half, of a phone's a quarter; of an iPhone's what a page is ended at.
 */
const STATED: Readonly<Record<string, readonly [device: string, memory: number, bandwidth: number]>> = {
  "amd-radeon780m-chrome-windows": ["laptop, 8 GB shared", 4, 60],
  "amd-radeon8060s-chromium145-linux": ["workstation, 128 GB shared", 64, 200],
  "amd-rx6600-chromium154-linux": ["card, 8 GB", 8, 200],
  "apple-ipad-safari26.6": ["tablet, 8 GB shared", 2, 80],
  "apple-iphone-safari26.5-ios18.7": ["phone, 4 GB", 1, 30],
  "apple-iphone15pro-safari26.3": ["phone, 8 GB", 1.5, 45],
  "apple-m4pro-chrome150-macos": ["laptop, 24 GB shared", 16, 240],
  "apple-metal3-chrome151-macos": ["laptop, 8 GB shared", 4, 60],
  "arm-pixel8a-malig715-chrome152-android16": ["phone, 8 GB", 2, 40],
  "arm-valhall-chrome-android": ["phone, 4 GB", 1, 15],
  "firefox-zen-intel-hd530-windows": ["desktop, 8 GB shared, an old GPU", 4, 25],
  "firefox-zen-rtx4060laptop-windows": ["card, 8 GB", 8, 220],
  "firefox151-iris-xe-linux": ["laptop, 16 GB shared", 8, 50],
  "firefox153-rtx4090-linux": ["card, 24 GB", 24, 850],
  "firefox155-windows-amd860m-rtx5050": ["card, 8 GB", 8, 300],
  "intel-gen12lp-chrome152-windows": ["laptop, 8 GB shared", 4, 40],
  "intel-iris-xe-chrome148-linux": ["laptop, 16 GB shared", 8, 50],
  "nvidia-kepler-chrome116": ["card, 2 GB", 2, 60],
  "nvidia-rtx4060-chrome151-windows": ["card, 8 GB", 8, 230],
  "nvidia-rtx4070-chrome150-windows": ["card, 12 GB", 12, 430],
  "nvidia-rtx4090-chrome150-linux": ["card, 24 GB", 24, 850],
  "nvidia-rtx4090laptop-chrome-linux-full": ["card, 16 GB", 16, 480],
  "qualcomm-adreno7xx-samsung-internet30-android16": ["phone, 12 GB", 3, 50],
  "qualcomm-x-elite-chrome131-windows-arm": ["laptop, 16 GB shared", 8, 110],
  "samsung-xclipse920-s22ultra-chrome150-android": ["phone, 8 GB", 2, 40],
};
const DISPATCH_COST = 10e-6;

function fitOf(slug: string, settings: Partial<FitSettings> = {}): Fit & { device: FitDevice } {
  const fixture = readReportFixtures().find((each) => each.slug === slug);
  const [, memory, bandwidth] = STATED[slug] ?? [];
  if (fixture === undefined || memory === undefined || bandwidth === undefined) throw new Error(`No ${slug}.`);
  const device = { ...deviceOf(readReport(fixture.report)), bandwidth: bandwidth * 1e9, dispatchCost: DISPATCH_COST };
  return { ...fit(device, stated(memory * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, ...settings }), device };
}

const recommended = (found: Fit) => found.recommendation?.verdict;

describe("real devices", () => {
  it("get models that make sense", async () => {
    const lines = readReportFixtures().map(({ slug }) => {
      const { recommendation, verdicts, device } = fitOf(slug);
      const [name = "", memory = 0, bandwidth = 0] = STATED[slug] ?? [];
      const best = recommendation?.verdict.best;
      const count = (state: string) => verdicts.filter((each) => each.best.state === state).length;
      const speed = best?.speed === undefined ? "?" : formatNumber(best.speed.tokensPerSecond);
      return [
        `${slug}: ${name}; ${memory} GiB, ${bandwidth} GB/s, ${device.hasF16 ? "f16" : "no f16"}, bindings of ${formatBytes(device.limits.maxStorageBufferBindingSize)}`,
        `  → ${best?.build.id ?? "nothing"} on ${best?.engine ?? "nothing"}, ${formatBytes(best?.bytes.total ?? 0)}, about ${speed} tokens/s`,
        ...(recommendation?.reasons ?? []).map((reason) => `    ${reason}`),
        `  of all: ${count("fits")} fit, ${count("tight")} tight, ${count("does-not-fit")} do not`,
      ].join("\n");
    });
    await expect(`${lines.join("\n\n")}\n`).toMatchFileSnapshot("recommendations.txt");
  });

  it.each([
    ["a phone of 4 GB", "arm-valhall-chrome-android", [0.3e9, 0.6e9]],
    ["a shared 8 GB", "amd-radeon780m-chrome-windows", [1.4e9, 3.5e9]],
    ["a shared 8 GB", "intel-gen12lp-chrome152-windows", [1.4e9, 3.5e9]],
    ["a card of 24 GB", "nvidia-rtx4090-chrome150-linux", [7e9, 9e9]],
  ] as const)("%s gets a model of its size", (_device, slug, [least, most]) => {
    const parameters = recommended(fitOf(slug))?.model.parameters;
    expect(parameters).toBeGreaterThan(least);
    expect(parameters).toBeLessThan(most);
  });

  it("without f16 get WebLLM's f32 builds, and Ingle's engine any", () => {
    const device = { ...fitOf("nvidia-rtx4060-chrome151-windows").device, hasF16: false };
    const on = (engine: "webllm" | "wgsl") => fit(device, stated(8 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, engine });
    const blocked = on("webllm")
      .verdicts.flatMap(({ all }) => all)
      .filter(({ build }) => build.quantization.includes("f16"));
    expect(blocked.length).toBeGreaterThan(20);
    for (const { state, reasons } of blocked) {
      expect(state).toBe("does-not-fit");
      expect(reasons.join(" ")).toContain("no shader-f16");
    }
    expect(recommended(on("webllm"))?.best.build.quantization).toBe("q4f32_1");
    expect(recommended(on("wgsl"))?.best.build.quantization).toBe("q4f16_1");
  });

  it("with bindings of 128 MiB are kept from what needs larger ones, and told so", () => {
    const device: FitDevice = {
      ...deviceOf(makeReport()),
      limits: {
        maxBufferSize: 2 ** 28,
        maxStorageBufferBindingSize: 2 ** 27,
        maxStorageBuffersPerShaderStage: 10,
        maxComputeWorkgroupStorageSize: 32_768,
      },
    };
    const on = (engine: "webllm" | "wgsl") =>
      fit(device, stated(24 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, engine }).verdicts;
    const webllm = on("webllm").find(({ model }) => model.id === "Qwen2.5-3B-Instruct")?.best;
    expect(webllm?.state).toBe("does-not-fit");
    expect(webllm?.reasons[0]).toBe("WebLLM would get bindings of 128 MiB here; it needs 148 MiB.");
    // Its codes and scales together have more, and are not bound together.
    expect(on("webllm").find(({ model }) => model.id === "Llama-3.2-1B-Instruct")?.best.state).toBe("fits");
    // Matrices are cut there.
    expect(on("wgsl").find(({ model }) => model.id === "Qwen2.5-3B-Instruct")?.best.state).toBe("fits");
  });
});

describe("what is not known", () => {
  const device = deviceOf(makeReport());

  it("stays so until it is rehearsed, and a fair try is offered", () => {
    const { verdicts, recommendation } = fit(device, UNKNOWN_BUDGET, CATALOGUE, DEFAULT_SETTINGS);
    for (const { model, best } of verdicts) {
      // One binding of its takes more than this adapter allows, whatever memory there is.
      expect(best.state).toBe(model.id === "Llama-3.1-70B-Instruct" ? "does-not-fit" : "unknown");
    }
    expect(recommendation?.verdict.best.bytes.total).toBeLessThanOrEqual(GiB);
    expect(recommendation?.reasons[0]).toContain("A rehearsal before the download tells");
  });

  it("is what lies past a rehearsed or reported amount, and does not fit past a stated one", () => {
    const large = CATALOGUE.find(({ id }) => id === "Llama-3.1-8B-Instruct");
    if (large === undefined) throw new Error("The catalogue has no 8B.");
    const stateWith = (budget: typeof UNKNOWN_BUDGET) => judgeModel(large, device, budget, DEFAULT_SETTINGS).best.state;
    expect(stateWith(rehearsed(2 * GiB))).toBe("unknown");
    expect(stateWith(fromDeviceMemory(8))).toBe("unknown");
    expect(stateWith(stated(2 * GiB))).toBe("does-not-fit");
    expect(stateWith(rehearsed(16 * GiB))).toBe("fits");
    expect(fromDeviceMemory(undefined)).toEqual(UNKNOWN_BUDGET);
  });

  it("is no reason against a model: neither speed nor disk", () => {
    const blank = { ...device, bandwidth: undefined, diskLeft: undefined };
    const { recommendation } = fit(blank, stated(8 * GiB), CATALOGUE, DEFAULT_SETTINGS);
    expect(recommendation?.verdict.best.speed).toBeUndefined();
    expect(recommendation?.verdict.best.reasons.join(" ")).toContain("not known until this GPU is measured");
  });
});

describe("settings", () => {
  const device = { ...deviceOf(makeReport()), bandwidth: 100e9, dispatchCost: DISPATCH_COST };
  const with_ = (settings: Partial<FitSettings>, memory = 8) =>
    fit(device, stated(memory * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, ...settings });

  it("follow a measured speed, also in which engine runs", () => {
    const measuredSpeed = (_build: string, engine: string) => (engine === "wgsl" ? 30 : 20);
    const best = recommended(with_({ measuredSpeed }))?.best;
    expect(best).toMatchObject({ engine: "wgsl", speed: { tokensPerSecond: 30, isMeasured: true } });
    const other = recommended(with_({ measuredSpeed: (_build, engine) => (engine === "wgsl" ? 20 : 30) }))?.best;
    expect(other?.engine).toBe("webllm");
  });

  it("recommend the fastest that fits where none is fast enough, and say so", () => {
    const { recommendation } = with_({ wishedSpeed: 10_000 });
    expect(recommendation?.reasons[0]).toContain("is the fastest that fits; none here answers as fast as you set");
    expect(recommendation?.verdict.best.reasons.join()).toContain("slower than 10,000, which you set");
  });

  it("take a longer context into account", () => {
    const short = recommended(with_({ contextLength: 2048 }));
    const long = recommended(with_({ contextLength: 32_768 }));
    expect(long?.model.parameters).toBeLessThanOrEqual(short?.model.parameters ?? 0);
    expect(long?.best.bytes.kv).toBeGreaterThan(short?.best.bytes.kv ?? Infinity);
  });

  it("need no disk for what is stored", () => {
    const full = { ...device, diskLeft: 0 };
    const none = fit(full, stated(8 * GiB), CATALOGUE, DEFAULT_SETTINGS);
    expect(none.recommendation).toBeUndefined();
    const { reasons } = none.verdicts[0]?.best ?? { reasons: [] };
    expect(reasons[0]).toMatch(/^Its download has .*; this browser keeps 0 B more for this site\.$/);
    const stored = new Map([["Qwen2.5-0.5B-Instruct-q4f16_1-MLC", { hasLibrary: true }]]);
    const kept = fit(full, stated(8 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, stored });
    expect(kept.recommendation?.verdict.model.id).toBe("Qwen2.5-0.5B-Instruct");
  });

  it("are small ones on an adapter computed on the processor, before anything is measured", () => {
    const software = { ...device, bandwidth: undefined, dispatchCost: undefined, isSoftware: true };
    const { recommendation } = fit(software, stated(8 * GiB), CATALOGUE, DEFAULT_SETTINGS);
    expect(recommendation?.verdict.model.parameters).toBeLessThan(0.4e9);
    expect(recommendation?.reasons[0]).toMatch(/the fastest that fits; none here answers as fast as people read/);
  });

  it("say why an engine was taken, and run what came without WebLLM's library on Ingle's", () => {
    const id = "Qwen2.5-0.5B-Instruct-q4f16_1-MLC";
    const taken = (settings: Partial<FitSettings>, more: Partial<FitDevice> = {}) =>
      fit({ ...device, ...more }, stated(8 * GiB), CATALOGUE, { ...DEFAULT_SETTINGS, ...settings })
        .verdicts.flatMap(({ all }) => all)
        .find(({ build }) => build.id === id);
    const limits = { ...device.limits, maxStorageBuffersPerShaderStage: 8 };
    expect(taken({})).toMatchObject({ engine: "webllm", engines: ["webllm", "wgsl"] });
    expect(taken({})?.engineReason).toMatch(/^WebLLM, whose code is compiled for this model/);
    expect(taken({}, { limits })).toMatchObject({ engine: "wgsl", engines: ["wgsl"] });
    expect(taken({}, { limits })?.engineReason).toMatch(/WebLLM needs 10 storage buffers .* allows 8/);
    expect(taken({ engine: "wgsl" })?.engineReason).toBe("Ingle, as you chose.");
    const stored = new Map([[id, { hasLibrary: false }]]);
    expect(taken({ stored })).toMatchObject({ engine: "wgsl", engines: ["wgsl"] });
    expect(taken({ stored })?.engineReason).toMatch(/without WebLLM's library/);
    expect(taken({ stored }, { hasF16: false })?.engineReason).toMatch(
      /WebLLM can't run this build here: .*no shader-f16/,
    );
    // Whatever is set: nothing else could load it.
    expect(taken({ stored, engine: "webllm" })).toMatchObject({ engine: "wgsl", engines: ["wgsl"] });
    const failed = taken({ measuredSpeed: (_, engine) => (engine === "webllm" ? 0 : 12) });
    expect(failed).toMatchObject({
      engine: "wgsl",
      engines: ["webllm", "wgsl"], // it may be tried again
      speed: { tokensPerSecond: 12, isMeasured: true },
    });
    expect(failed?.engineReason).toMatch(/WebLLM was tried here and did not run it/);
  });

  it("give every verdict reasons with numbers", () => {
    for (const { all } of with_({}).verdicts) {
      for (const { reasons, bytes } of all) {
        expect(reasons.length).toBeGreaterThan(0);
        for (const reason of reasons) expect(reason).toMatch(/^[A-Z].*\d.*\.$|^How fast|^WebLLM's build/);
        expect(bytes.total).toBe(bytes.weights + bytes.kv + bytes.scratch);
      }
    }
  });
});

describe("on any device", { timeout: 60_000 }, () => {
  const devices = fc.record({
    hasWebGpu: fc.constant(true),
    hasF16: fc.boolean(),
    isSoftware: fc.boolean(),
    limits: fc.record({
      maxBufferSize: fc.integer({ min: 2 ** 28, max: 2 ** 32 }),
      maxStorageBufferBindingSize: fc.integer({ min: 2 ** 27, max: 2 ** 32 }),
      maxStorageBuffersPerShaderStage: fc.integer({ min: 8, max: 16 }),
      maxComputeWorkgroupStorageSize: fc.integer({ min: 16_384, max: 65_536 }),
    }),
    bandwidth: fc.option(fc.double({ min: 1e9, max: 2e12, noNaN: true }), { nil: undefined }),
    dispatchCost: fc.option(fc.double({ min: 0, max: 1e-3, noNaN: true }), { nil: undefined }),
    diskLeft: fc.option(fc.integer({ min: 0, max: 2 ** 37 }), { nil: undefined }),
  });
  const settings = fc.record({
    contextLength: fc.integer({ min: 512, max: 131_072 }),
    wishedSpeed: fc.double({ min: 0, max: 100, noNaN: true }),
    engine: fc.constantFrom("auto" as const, "webllm" as const, "wgsl" as const),
  });
  const bytes = fc.integer({ min: 0, max: 2 ** 37 });

  it("a bigger budget never recommends a smaller model", () => {
    fc.assert(
      fc.property(devices, settings, bytes, bytes, fc.constantFrom(stated, rehearsed), (device, settings, a, b, of) => {
        const [small, big] = [Math.min(a, b), Math.max(a, b)].map((each) =>
          recommended(fit(device, of(each), CATALOGUE, settings)),
        );
        if (small === undefined) return;
        // A smallest model that nobody knows to fit is no recommendation to be held to.
        if (small.best.state === "unknown") return;
        expect(big?.model.parameters).toBeGreaterThanOrEqual(small.model.parameters);
      }),
      { numRuns: 200 },
    );
  });

  it("raising a limit, or giving a feature, never turns what fits into what does not", () => {
    const order = ["does-not-fit", "unknown", "tight", "fits"];
    fc.assert(
      fc.property(devices, settings, bytes, fc.nat(), fc.boolean(), (device, settings, memory, more, f16) => {
        const raised: FitDevice = {
          ...device,
          hasF16: device.hasF16 || f16,
          limits: {
            maxBufferSize: device.limits.maxBufferSize + more,
            maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize + more,
            maxStorageBuffersPerShaderStage: device.limits.maxStorageBuffersPerShaderStage + (more % 8),
            maxComputeWorkgroupStorageSize: device.limits.maxComputeWorkgroupStorageSize + (more % 65_536),
          },
        };
        const before = fit(device, stated(memory), CATALOGUE, settings).verdicts;
        const after = fit(raised, stated(memory), CATALOGUE, settings).verdicts;
        for (const [i, { best }] of before.entries()) {
          expect(order.indexOf(after[i]?.best.state ?? "")).toBeGreaterThanOrEqual(order.indexOf(best.state));
        }
      }),
      { numRuns: 120 },
    );
  });
});
