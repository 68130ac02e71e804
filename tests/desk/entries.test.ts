import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { budgetOf, deskState, speedIdOf, type Known } from "../../src/desk/entries";
import { modelOf, sourceAt, sourceOf } from "../../src/desk/sources";
import { DESK_DEFAULTS, loadSettings, saveSettings } from "../../src/desk/settings";
import { rehearsed, stated } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { GiB } from "../../src/shared/units";
import type { StoredModel } from "../../src/store/model-spec";
import { makeReport } from "../fixtures/make-report";

const settings = DESK_DEFAULTS;

function known(more: Partial<Known> = {}): Known {
  return {
    catalogue: CATALOGUE,
    device: deviceOf(makeReport()),
    isMeasuring: false,
    wentIdle: undefined,
    isElsewhere: false,
    speedsOf: () => ({}),
    seenSpeedsOf: () => ({}),
    settings,
    budget: stated(8 * GiB),
    kept: [],
    begun: [],
    usage: undefined,
    loaded: undefined,
    doing: new Map(),
    ...more,
  };
}

function stored(id: string, name = id): StoredModel {
  return { id, name, bytes: 1, files: [], origin: undefined, missingChunks: 0, isInPlace: false };
}

const build = CATALOGUE[0]?.builds[0];
if (build === undefined) throw new Error("The catalogue is empty.");
const offeredId = CATALOGUE[0]?.id;

describe("how things stand", () => {
  it("shows what is offered with its verdict, in the catalogue's order", () => {
    const { entries, recommendation } = deskState(known());
    expect(entries.map(({ id }) => id)).toEqual(CATALOGUE.map(({ id }) => id));
    expect(entries.every(({ verdict }) => verdict !== undefined)).toBe(true);
    expect(recommendation).toBeDefined();
  });

  it.each([build.repository, `${build.repository}/${build.id}-webgpu.wasm`])("knows %s for an offered model", (id) => {
    const state = deskState(known({ kept: [stored(id)] }));
    expect(state.entries).toHaveLength(CATALOGUE.length);
    expect(state.entries.find((entry) => entry.id === offeredId)?.kept?.id).toBe(id);
    expect(speedIdOf(state, id)).toBe(build.id);
    expect(speedIdOf(state, "mine")).toBe("mine");
  });

  it("shows what nobody offers behind it, whole or begun", () => {
    const spec = { id: `${build.repository}-other`, name: "Begun", files: [] as never };
    const kept = [stored("mine", "Mine")];
    const { entries } = deskState(known({ kept, begun: [{ spec, bytesDone: 5 }] }));
    expect(entries.slice(CATALOGUE.length).map(({ id, name, verdict }) => ({ id, name, verdict }))).toEqual([
      { id: "mine", name: "Mine", verdict: undefined },
      { id: spec.id, name: "Begun", verdict: undefined },
    ]);
  });

  it("says which one is loaded, and no other", () => {
    const info = { name: "Mine" } as NonNullable<Known["loaded"]>["info"];
    const { entries } = deskState(known({ kept: [stored("mine")], loaded: { id: "mine", info } }));
    expect(entries.filter(({ loaded }) => loaded !== undefined).map(({ id }) => id)).toEqual(["mine"]);
  });
});

describe("the memory that is counted on", () => {
  it("is what its user says, before anything else", () => {
    expect(budgetOf({ ...settings, statedMemory: 3e9 }, rehearsed(9e9), 8)).toEqual(stated(3e9));
  });
  it("is what was tried, where the browser hints at less or nothing", () => {
    expect(budgetOf(settings, rehearsed(9 * GiB), 8)).toEqual(rehearsed(9 * GiB));
    expect(budgetOf(settings, rehearsed(1e9), undefined)).toEqual(rehearsed(1e9));
  });
  it("is not less for a small model that was tried, and is where one failed", () => {
    expect(budgetOf(settings, rehearsed(1e9), 8)).toMatchObject({ source: "deviceMemory", bytes: 4 * GiB });
    const failed = { bytes: 1e9, source: "rehearsed", isLimit: true } as const;
    expect(budgetOf(settings, failed, 8)).toEqual(failed);
  });
});

describe("settings", () => {
  it("come back as they were kept", () => {
    let kept: string | null = null;
    const changed = {
      engine: "wgsl",
      statedMemory: 4e9,
      host: "https://hf-mirror.com",
      wishedSpeed: 20,
      contextLength: 8192,
      idleMinutes: 0,
    } as const;
    saveSettings(() => ({ setItem: (_, value) => void (kept = value) }), changed);
    expect(loadSettings(() => ({ getItem: () => kept }))).toEqual(changed);
  });
  it.each([
    "{",
    "[]",
    '{"engine":"cloud"}',
    '{"statedMemory":-1}',
    '{"host":"nowhere"}',
    '{"contextLength":0.5}',
    '{"idleMinutes":-1}',
  ])("that make no sense are the defaults: %s", (text) => {
    expect(loadSettings(() => ({ getItem: () => text }))).toEqual(settings);
  });
  it("are the defaults where storage is blocked, and keeping them fails silently", () => {
    const blocked = () => {
      throw new DOMException("Blocked.", "SecurityError");
    };
    expect(loadSettings(blocked)).toEqual(settings);
    expect(() => saveSettings(blocked, settings)).not.toThrow();
  });
});

describe("where models come from", () => {
  const judgedWith = (engine: "auto" | "webllm" | "wgsl") =>
    deskState(known({ settings: { ...settings, engine } })).entries[0]?.judged;

  it.each(["auto", "webllm"] as const)("is the catalogue's repository, with WebLLM's library (%s)", (engine) => {
    const judged = judgedWith(engine);
    expect(sourceOf(judged, undefined)).toEqual({
      kind: "repository",
      repository: judged?.build.repository,
      library: judged?.build.library,
    });
  });

  it("is without it where only Ingle's engine is wanted, and of a mirror where one is set", () => {
    const ours = judgedWith("wgsl");
    expect(sourceOf(ours, "https://hf-mirror.com")).toEqual({
      kind: "repository",
      repository: ours?.build.repository,
      host: "https://hf-mirror.com",
    });
    expect(() => sourceOf(undefined, undefined)).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });

  it.each([
    [" https://example.org/a.gguf ", "gguf", "https://example.org/a.gguf"],
    ["https://example.org/a.GGUF?download=true", "gguf", "https://example.org/a.GGUF?download=true"],
    ["https://huggingface.co/mlc-ai/Tiny", "mlc", "https://huggingface.co/mlc-ai/Tiny"],
  ])("is an address: %s", (address, kind, url) => {
    expect(sourceAt(address)).toEqual({ kind, url });
  });

  it("is an address with that of WebLLM's library beside it, which a GGUF has none of", () => {
    const [url, library] = ["https://huggingface.co/mlc-ai/Tiny", "https://example.org/a.wasm"];
    expect(sourceAt(url, ` ${library} `)).toEqual({ kind: "mlc", url, library });
    expect(sourceAt("https://example.org/a.gguf", library)).toEqual({
      kind: "gguf",
      url: "https://example.org/a.gguf",
    });
  });

  it("is a disk: a GGUF by its name, a folder's files as one model", () => {
    const at = (content: string, name: string) => new File([content], name, { lastModified: 5 });
    const one = modelOf([at("a", "mine.Q4_0.gguf")]);
    expect(one).toMatchObject({ id: expect.stringMatching(/^file\/mine\.Q4_0\/\w{8}$/) as string, name: "mine.Q4_0" });
    // The same again is the same; another of the same name is another.
    expect(modelOf([at("a", "mine.Q4_0.gguf")]).id).toBe(one.id);
    expect(modelOf([at("ab", "mine.Q4_0.gguf")]).id).not.toBe(one.id);
    const folder = [new File(["a"], "params_shard_0.bin"), new File(["{}"], "mlc-chat-config.json")];
    expect(modelOf(folder)).toMatchObject({ name: "MLC model", chosen: [{ name: "params_shard_0.bin" }, {}] });
    expect(() => modelOf([])).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });
});

describe("who runs a model", () => {
  const file = (name: string) => ({ name, bytes: 1, sha256: "", isVerified: true });
  const kept = (id: string, ...names: string[]) => ({ ...stored(id), files: names.map(file) });
  const entryOf = (id: string, more: Partial<Known>) => deskState(known(more)).entries.find((each) => each.id === id);
  const ours = build.repository;
  const both = { ...kept(ours, "a.bin", "a.wasm"), id: `${ours}/${build.id}-webgpu.wasm` };

  it("is WebLLM only where its library came along, and the reason is said", () => {
    const without = entryOf(offeredId ?? "", { kept: [kept(ours, "a.bin")] });
    expect(without?.engines).toEqual(["wgsl"]);
    expect(without?.judged?.engineReason).toMatch(/got without WebLLM's library/);
    expect(entryOf(offeredId ?? "", { kept: [both] })?.engines).toEqual(["webllm", "wgsl"]);
  });

  it("is the one that was measured as faster", () => {
    const found = (speeds: object) => entryOf(offeredId ?? "", { kept: [both], speedsOf: () => speeds });
    const slower = found({ webllm: 10, wgsl: 20 });
    expect(slower?.engines[0]).toBe("wgsl");
    expect(slower?.judged?.engineReason).toBe("Ingle: measured here, it gives 20 tokens/s, WebLLM 10.");
    expect(found({ webllm: 30, wgsl: 20 })?.engines[0]).toBe("webllm");
    // It may be tried again: with "Compare engines", not by itself.
    expect(found({ webllm: 0, wgsl: 20 })?.engines).toEqual(["wgsl", "webllm"]);
  });

  it("is what its user set", () => {
    const engines = (engine: "auto" | "webllm" | "wgsl") =>
      entryOf(offeredId ?? "", { kept: [both], settings: { ...settings, engine } })?.engines;
    expect(engines("wgsl")).toEqual(["wgsl"]);
    expect(engines("webllm")).toEqual(["webllm"]);
  });

  it("is for a model of one's own WebLLM with its library, or the faster, or Ingle", () => {
    expect(entryOf("mine", { kept: [kept("mine", "mine.gguf")] })?.engines).toEqual(["wgsl"]);
    const mine = kept("mine", "a.bin", "a.wasm");
    expect(entryOf("mine", { kept: [mine] })?.engines).toEqual(["webllm", "wgsl"]);
    expect(entryOf("mine", { kept: [mine], settings: { ...settings, engine: "wgsl" } })?.engines[0]).toBe("wgsl");
    const speedsOf = () => ({ webllm: 1, wgsl: 2 });
    expect(entryOf("mine", { kept: [mine], speedsOf })?.engines[0]).toBe("wgsl");
  });

  it("is judged by the build that is here, and what is here twice is shown twice", () => {
    const model = CATALOGUE.find(({ builds }) => builds.length > 1);
    const [first, second] = model?.builds ?? [];
    if (model === undefined || first === undefined || second === undefined) throw new Error("No model of two builds.");
    const { entries } = deskState(known({ kept: [kept(second.repository, "a.bin"), kept(first.repository, "a.bin")] }));
    expect(entries.find(({ id }) => id === model.id)?.judged?.build.id).toBe(second.id);
    expect(entries.find(({ id }) => id === first.repository)?.kept).toBeDefined();
  });
});

describe("the room on the disk", () => {
  it("is what the store says now, and not what the report said", () => {
    const usage = { models: [], usedBytes: 5e9, quotaBytes: 5.05e9, isPersisted: true };
    const { entries } = deskState(known({ usage }));
    expect(entries[0]?.judged?.reasons.join()).toMatch(/this browser keeps 47\.7 MiB more/);
  });
});
