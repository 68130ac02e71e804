import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { budgetOf, deskState, engineFor, type Known } from "../../src/desk/entries";
import { modelOf, sourceAt, sourceOf } from "../../src/desk/sources";
import { loadSettings, saveSettings } from "../../src/desk/settings";
import { rehearsed, stated } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { GiB } from "../../src/shared/units";
import type { StoredModel } from "../../src/store/model-spec";
import { makeReport } from "../fixtures/make-report";

const settings = { engine: "auto", statedMemory: undefined, host: undefined } as const;

function known(more: Partial<Known> = {}): Known {
  return {
    catalogue: CATALOGUE,
    device: deviceOf(makeReport()),
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
    const changed = { engine: "wgsl", statedMemory: 4e9, host: "https://hf-mirror.com" } as const;
    saveSettings(() => ({ setItem: (_, value) => void (kept = value) }), changed);
    expect(loadSettings(() => ({ getItem: () => kept }))).toEqual(changed);
  });
  it.each(["{", "[]", '{"engine":"cloud"}', '{"statedMemory":-1}', '{"host":"nowhere"}'])(
    "that make no sense are the defaults: %s",
    (text) => {
      expect(loadSettings(() => ({ getItem: () => text }))).toEqual(settings);
    },
  );
  it("are the defaults where storage is blocked, and keeping them fails silently", () => {
    const blocked = () => {
      throw new DOMException("Blocked.", "SecurityError");
    };
    expect(loadSettings(blocked)).toEqual(settings);
    expect(() => saveSettings(blocked, settings)).not.toThrow();
  });
});

describe("where models come from", () => {
  const verdict = deskState(known({ settings: { ...settings, engine: "webllm" } })).entries[0]?.verdict;

  it("is the catalogue's repository, for WebLLM with its library, of a mirror where one is set", () => {
    expect(sourceOf(verdict, undefined)).toEqual({
      kind: "repository",
      repository: verdict?.best.build.repository,
      library: verdict?.best.build.library,
    });
    const ours = deskState(known({ settings: { ...settings, engine: "wgsl" } })).entries[0]?.verdict;
    expect(sourceOf(ours, "https://hf-mirror.com")).toEqual({
      kind: "repository",
      repository: ours?.best.build.repository,
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

  it("is a disk: a GGUF by its name, a folder's files as one model", () => {
    expect(modelOf([new File(["a"], "mine.Q4_0.gguf")])).toMatchObject({ id: "file/mine.Q4_0", name: "mine.Q4_0" });
    const folder = [new File(["a"], "params_shard_0.bin"), new File(["{}"], "mlc-chat-config.json")];
    expect(modelOf(folder)).toMatchObject({ name: "MLC model", chosen: [{ name: "params_shard_0.bin" }, {}] });
    expect(() => modelOf([])).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });

  it("decides who runs it: WebLLM only what brought its library", () => {
    const [entry] = deskState(known({ settings: { ...settings, engine: "webllm" } })).entries;
    if (entry === undefined) throw new Error("No entry.");
    const file = (name: string) => ({ name, bytes: 1, sha256: "", isVerified: true });
    const kept = (name: string) => ({ ...stored("a"), files: [file(name)] });
    expect(engineFor({ ...entry, kept: kept("a.wasm") })).toBe("webllm");
    expect(engineFor({ ...entry, kept: kept("a.bin") })).toBe("wgsl");
    expect(engineFor({ ...entry, verdict: undefined, kept: kept("a.wasm") })).toBe("wgsl");
  });
});
