import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LoadOptions, ModelSource, Session } from "../../src/engine/engine";
import type { Gpu } from "../../src/engine/wgsl/gpu/gpu";
import type { WebLlmEngineParts } from "../../src/engine/webllm/webllm-engine";
import type { WgslEngineParts } from "../../src/engine/wgsl/engine";
import { IngleError } from "../../src/shared/errors";
import { ModelHolder } from "../../src/worker/model-holder";

/** The engine's part: sessions as the test makes them. */
const engine = vi.hoisted(() => ({
  load: vi.fn<(source: ModelSource, options: LoadOptions) => Promise<Session>>(),
  parts: [] as WgslEngineParts[],
}));
/** WebLLM's part: it tells of the device that its library opens. */
const webllm = vi.hoisted(() => ({ parts: [] as WebLlmEngineParts[], lose: (): void => undefined }));
vi.mock("../../src/engine/webllm/webllm-engine", () => ({
  WebLlmEngine: class {
    readonly #parts: WebLlmEngineParts;
    constructor(parts: WebLlmEngineParts) {
      this.#parts = parts;
      webllm.parts.push(parts);
    }
    load(...args: Parameters<typeof engine.load>): Promise<Session> {
      this.#parts.makeRoom?.();
      const lost = new Promise<IngleError>((resolve) => {
        webllm.lose = () => resolve(new IngleError("device-lost", "The GPU was lost."));
      });
      this.#parts.onDevice?.({ lost });
      return engine.load(...args);
    }
  },
}));
vi.mock("../../src/engine/wgsl/engine", () => ({
  WgslEngine: class {
    readonly #parts: WgslEngineParts;
    constructor(parts: WgslEngineParts) {
      this.#parts = parts;
      engine.parts.push(parts);
    }
    async load(...args: Parameters<typeof engine.load>): Promise<Session> {
      await this.#parts.openGpu();
      return engine.load(...args);
    }
  },
}));

const page = new URL("https://example.org/ingle/");
const source: ModelSource = { kind: "starter" };
const options: LoadOptions = { signal: new AbortController().signal };

beforeEach(() => {
  engine.load.mockReset();
  engine.parts.length = 0;
});

function sessionOf(name: string) {
  return { info: { name }, dispose: vi.fn() } as unknown as Session & { dispose: ReturnType<typeof vi.fn> };
}

/** A holder whose every device can be lost by its number. */
function holderOf() {
  const losses: (() => void)[] = [];
  const openGpu = vi.fn(() => {
    const lost = new Promise<IngleError>((resolve) => {
      losses.push(() => resolve(new IngleError("device-lost", "The GPU was lost.")));
    });
    return Promise.resolve({ lost } as Gpu);
  });
  return { holder: new ModelHolder({ api: undefined, openGpu }), openGpu, lose: (n: number) => losses[n]?.() };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("the worker's model", () => {
  it("is none before one is loaded: said so, and no GPU is opened", () => {
    const { holder, openGpu } = holderOf();
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
    expect(holder.unload()).toBeNull();
    expect(openGpu).not.toHaveBeenCalled();
  });

  it("is loaded as asked, on the worker's device, with the page's address", async () => {
    const { holder } = holderOf();
    const session = sessionOf("first");
    engine.load.mockResolvedValue(session);
    expect(await holder.load(source, "wgsl", page, options)).toEqual({ name: "first" });
    expect(engine.load).toHaveBeenCalledExactlyOnceWith(source, options);
    expect(engine.parts[0]?.page).toBe(page);
    expect(holder.session).toBe(session);
  });

  it("goes when the engine needs room for the next", async () => {
    const { holder } = holderOf();
    const [first, second] = [sessionOf("first"), sessionOf("second")];
    engine.load.mockResolvedValueOnce(first);
    await holder.load(source, "wgsl", page, options);
    engine.load.mockImplementationOnce(() => {
      expect(holder.session).toBe(first);
      engine.parts.at(-1)?.makeRoom?.();
      expect(first.dispose).toHaveBeenCalledOnce();
      return Promise.resolve(second);
    });
    await holder.load(source, "wgsl", page, options);
    expect(holder.session).toBe(second);
    expect(first.dispose).toHaveBeenCalledOnce();
    expect(second.dispose).not.toHaveBeenCalled();
  });

  it("stays where the next is refused before that, and is none where it fails after", async () => {
    const { holder } = holderOf();
    const first = sessionOf("first");
    engine.load.mockResolvedValueOnce(first);
    await holder.load(source, "wgsl", page, options);
    engine.load.mockRejectedValueOnce(new IngleError("source-failed", "It is gone."));
    await expect(holder.load(source, "wgsl", page, options)).rejects.toMatchObject({ code: "source-failed" });
    expect(holder.session).toBe(first);
    engine.load.mockImplementationOnce(() => {
      engine.parts.at(-1)?.makeRoom?.();
      return Promise.reject(new IngleError("gpu-out-of-memory", "It is too large."));
    });
    await expect(holder.load(source, "wgsl", page, options)).rejects.toMatchObject({ code: "gpu-out-of-memory" });
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
  });

  it("is given back once when it is unloaded", async () => {
    const { holder } = holderOf();
    const session = sessionOf("first");
    engine.load.mockResolvedValue(session);
    await holder.load(source, "wgsl", page, options);
    holder.unload();
    holder.unload();
    expect(session.dispose).toHaveBeenCalledOnce();
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
  });

  it("goes with its device", async () => {
    const { holder, lose } = holderOf();
    const session = sessionOf("first");
    engine.load.mockResolvedValue(session);
    await holder.load(source, "wgsl", page, options);
    lose(0);
    await turn();
    // Its running reply is to end with the loss, not as stopped.
    expect(session.dispose).not.toHaveBeenCalled();
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
  });

  it("stays when a device is lost that it is not on", async () => {
    const { holder, lose } = holderOf();
    const second = sessionOf("second");
    engine.load.mockResolvedValueOnce(sessionOf("first")).mockResolvedValueOnce(second);
    await holder.load(source, "wgsl", page, options);
    await holder.load(source, "wgsl", page, options); // on a device of its own
    lose(0);
    await turn();
    expect(holder.session).toBe(second);
    expect(second.dispose).not.toHaveBeenCalled();
    lose(1);
    await turn();
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
  });

  it("is loaded with WebLLM where that is asked for, in the other's place, and goes with WebLLM's own device", async () => {
    const { holder, openGpu, lose } = holderOf();
    const [first, second] = [sessionOf("first"), sessionOf("second")];
    engine.load.mockResolvedValueOnce(first).mockResolvedValueOnce(second);
    await holder.load(source, "wgsl", page, options);
    expect(await holder.load(source, "webllm", page, options)).toEqual({ name: "second" });
    expect(first.dispose).toHaveBeenCalledOnce();
    expect(openGpu).toHaveBeenCalledOnce();
    lose(0); // ours
    await turn();
    expect(holder.session).toBe(second);
    webllm.lose();
    await turn();
    expect(() => holder.session).toThrow(expect.objectContaining({ code: "no-model" }));
    expect(second.dispose).not.toHaveBeenCalled();
  });
});

describe("who waits for the model's loss", () => {
  it("is told when its device is lost, and why", async () => {
    engine.load.mockResolvedValue(sessionOf("a"));
    const { holder, lose } = holderOf();
    await holder.load(source, "wgsl", page, options);
    const lost = holder.whenLost(new AbortController().signal);
    lose(0);
    await expect(lost).resolves.toMatchObject({ code: "device-lost" });
    // Who asks after that is told at once.
    await expect(holder.whenLost(new AbortController().signal)).resolves.toMatchObject({ code: "device-lost" });
  });

  it("is not told of a model that was unloaded, and may go", async () => {
    engine.load.mockResolvedValue(sessionOf("a"));
    const { holder, lose } = holderOf();
    await holder.load(source, "wgsl", page, options);
    const stop = new AbortController();
    const lost = holder.whenLost(stop.signal);
    holder.unload();
    lose(0);
    await turn();
    stop.abort();
    await expect(lost).rejects.toMatchObject({ code: "aborted" });
  });
});
