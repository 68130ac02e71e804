/** The engines side by side: what is measured, what is kept of it, which is loaded in the end. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { compareEngines, type CompareParts } from "../../src/desk/compare";
import type { GenerateEvent, GenerateRequest } from "../../src/engine/engine";
import type { EngineName } from "../../src/shared/engines";
import { IngleError, type ErrorCode } from "../../src/shared/errors";

let loaded: EngineName | undefined;
let noted: [EngineName, number][];
let asked: GenerateRequest[];
const load = vi.fn<CompareParts["load"]>();

beforeEach(() => {
  loaded = undefined;
  noted = [];
  asked = [];
  load.mockReset().mockImplementation((engine) => {
    loaded = engine;
    return Promise.resolve();
  });
});

/** @param rates of each engine's replies, after the one that warms up. */
function parts(rates: Partial<Record<EngineName, readonly (number | undefined)[]>>): CompareParts {
  return {
    load,
    loaded: () => loaded,
    note: (engine, speed) => void noted.push([engine, speed]),
    // eslint-disable-next-line @typescript-eslint/require-await -- a reply comes as it comes
    async *generate(request): AsyncGenerator<GenerateEvent> {
      asked.push(request);
      const seed = request.sampling?.seed ?? NaN;
      const rate = seed === 0 ? 1000 : rates[loaded ?? "wgsl"]?.[seed - 1];
      yield { type: "text", text: "Once" };
      yield { type: "end", finishReason: "length", usage: { decodeTokensPerSecond: rate } as never };
    },
  };
}

const fails = (engine: EngineName, code: ErrorCode) => {
  load.mockImplementation((wanted) => {
    if (wanted === engine) return Promise.reject(new IngleError(code, `${engine} failed.`));
    loaded = wanted;
    return Promise.resolve();
  });
};

describe("two engines compared", () => {
  it("give the median of their replies, warmed up, on the same requests; the faster is loaded", async () => {
    await compareEngines(["webllm", "wgsl"], parts({ webllm: [8, 30, 10], wgsl: [20, 21, 22] }));
    expect(noted).toEqual([
      ["webllm", 10],
      ["wgsl", 21],
    ]);
    expect(loaded).toBe("wgsl");
    expect(load).toHaveBeenCalledTimes(2);
    expect(asked.slice(0, 4)).toEqual(asked.slice(4));
  });

  it("load the first again where that was the faster", async () => {
    await compareEngines(["webllm", "wgsl"], parts({ webllm: [30, 30, 30], wgsl: [20, 20, 20] }));
    expect(loaded).toBe("webllm");
    expect(load).toHaveBeenCalledTimes(3);
  });

  it("leave the one that runs where the other fails, say why, and remember it", async () => {
    fails("webllm", "model-invalid");
    const compared = compareEngines(["webllm", "wgsl"], parts({ wgsl: [20, 20, 20] }));
    await expect(compared).rejects.toMatchObject({ code: "model-invalid", message: "webllm failed." });
    expect(noted).toEqual([
      ["webllm", 0],
      ["wgsl", 20],
    ]);
    expect(loaded).toBe("wgsl");
  });

  it("say why of each where none runs", async () => {
    load.mockImplementation((engine) => Promise.reject(new IngleError("model-unsupported", `${engine} failed.`)));
    await expect(compareEngines(["webllm", "wgsl"], parts({}))).rejects.toThrow("webllm failed. wgsl failed.");
    expect(noted.map(([, speed]) => speed)).toEqual([0, 0]);
  });

  it.each(["source-failed", "timed-out", "worker-failed", "device-lost", "gpu-out-of-memory"] as const)(
    "do not take a failure that may pass for one that lasts: %s",
    async (code) => {
      fails("webllm", code);
      await expect(compareEngines(["webllm", "wgsl"], parts({ wgsl: [5, 5, 5] }))).rejects.toMatchObject({ code });
      expect(noted).toEqual([["wgsl", 5]]);
    },
  );

  it("stop when they are told to, with nothing noted of what was not whole", async () => {
    fails("wgsl", "aborted");
    const compared = compareEngines(["webllm", "wgsl"], parts({ webllm: [1, 2, 3] }));
    await expect(compared).rejects.toMatchObject({ code: "aborted" });
    expect(noted).toEqual([["webllm", 2]]);
  });

  it("leave out replies of one token, and say so where all are", async () => {
    await compareEngines(["wgsl"], parts({ wgsl: [undefined, 7, undefined] }));
    expect(noted).toEqual([["wgsl", 7]]);
    await expect(compareEngines(["wgsl"], parts({}))).rejects.toThrow(/said too little/);
  });

  it("ask a slow device once", async () => {
    const now = vi.spyOn(performance, "now");
    let at = 0;
    now.mockImplementation(() => (at += 25_000));
    await compareEngines(["wgsl"], parts({ wgsl: [0.5, 9, 9] }));
    now.mockRestore();
    expect(noted).toEqual([["wgsl", 0.5]]);
  });
});
