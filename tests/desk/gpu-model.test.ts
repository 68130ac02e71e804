/** What is on the GPU: it goes when it is idle, when it is lost, and when another comes. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GpuModel, type LoadedModel } from "../../src/desk/gpu-model";
import type { GenerateEvent, SessionInfo } from "../../src/engine/engine";
import { abortedError, IngleError } from "../../src/shared/errors";

const MINUTE = 60_000;
const info = { name: "Mine", engine: "wgsl", bytes: { total: 5 } } as SessionInfo;

let idleMinutes: number;
let gone: [LoadedModel, IngleError | undefined][];
let lose: (error: IngleError) => void;
let endReply: () => void;
const load = vi.fn(() => Promise.resolve(info));
const unload = vi.fn(() => Promise.resolve());
/** What the worker says is on the GPU. */
const there = vi.fn<() => Promise<SessionInfo | null>>();
let gpu: GpuModel;

beforeEach(() => {
  vi.useFakeTimers();
  load.mockClear();
  unload.mockClear();
  there.mockReset().mockResolvedValue(null);
  idleMinutes = 5;
  gone = [];
  gpu = new GpuModel({
    client: {
      load,
      unload,
      loaded: there,
      whenLost: (signal) =>
        new Promise((resolve, reject) => {
          lose = resolve;
          signal.addEventListener("abort", () => reject(abortedError()));
        }),
      async *generate(): AsyncGenerator<GenerateEvent> {
        yield { type: "text", text: "Once" };
        await new Promise<void>((resolve) => (endReply = resolve));
      },
    },
    idleMinutes: () => idleMinutes,
    onGone: (model, error) => void gone.push([model, error]),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const put = (id: string) => gpu.load(id, { source: { kind: "stored", id } });
const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * MINUTE);

describe("an idle model", () => {
  it("is unloaded after the time that was set, and it is told", async () => {
    await put("mine");
    await minutes(4.9);
    expect(gpu.loaded).toEqual({ id: "mine", info });
    await minutes(0.2);
    expect(gpu.loaded).toBeUndefined();
    expect(unload).toHaveBeenCalledOnce();
    expect(gone).toEqual([[{ id: "mine", info }, undefined]]);
  });

  it("is not idle while it replies, however long, and from the reply's end on", async () => {
    await put("mine");
    await minutes(4);
    const events = gpu.generate({ input: { text: "a" } });
    await events.next();
    await minutes(60);
    expect(gpu.loaded).toBeDefined();
    const end = events.next();
    endReply();
    await end;
    await minutes(4.9);
    expect(gpu.loaded).toBeDefined();
    await minutes(0.2);
    expect(gpu.loaded).toBeUndefined();
  });

  it("stays where 0 was set, and goes by a new setting at once", async () => {
    idleMinutes = 0;
    await put("mine");
    await minutes(10_000);
    expect(gpu.loaded).toBeDefined();
    idleMinutes = 1;
    gpu.rest();
    await minutes(1.1);
    expect(gpu.loaded).toBeUndefined();
  });
});

describe("a lost model", () => {
  it("is told of with its reason, once", async () => {
    await put("mine");
    const error = new IngleError("device-lost", "The GPU was lost.");
    lose(error);
    await minutes(0);
    expect(gone).toEqual([[{ id: "mine", info }, error]]);
    expect(gpu.loaded).toBeUndefined();
    await minutes(60);
    expect(gone).toHaveLength(1);
    expect(unload).not.toHaveBeenCalled();
  });

  it("that was unloaded or replaced before is no news", async () => {
    await put("mine");
    const loseFirst = lose;
    await put("other");
    loseFirst(new IngleError("device-lost", "The GPU was lost."));
    await minutes(0);
    expect(gpu.loaded?.id).toBe("other");
    const loseSecond = lose;
    await gpu.unload();
    loseSecond(new IngleError("device-lost", "The GPU was lost."));
    await minutes(60);
    expect(gone).toEqual([]);
  });

  it("stays, and is watched on, where its successor was refused by its header", async () => {
    await put("mine");
    load.mockRejectedValueOnce(new IngleError("model-unsupported", "No."));
    there.mockResolvedValue(info);
    await expect(put("other")).rejects.toMatchObject({ code: "model-unsupported" });
    expect(gpu.loaded).toEqual({ id: "mine", info });
    lose(new IngleError("device-lost", "The GPU was lost."));
    await minutes(0);
    expect(gone).toHaveLength(1);
  });

  it("leaves nothing where its successor failed later", async () => {
    await put("mine");
    load.mockRejectedValueOnce(new IngleError("gpu-out-of-memory", "Too little."));
    await expect(put("other")).rejects.toMatchObject({ code: "gpu-out-of-memory" });
    expect(gpu.loaded).toBeUndefined();
    expect(unload).not.toHaveBeenCalled();
    await minutes(60);
    expect(gone).toEqual([]);
  });

  it("that was stopped, and came all the same, is taken off", async () => {
    load.mockRejectedValueOnce(abortedError());
    there.mockResolvedValue({ ...info, name: "Other" });
    await expect(put("other")).rejects.toMatchObject({ code: "aborted" });
    expect(unload).toHaveBeenCalledOnce();
    expect(gpu.loaded).toBeUndefined();
  });
});
