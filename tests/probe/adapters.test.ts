import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { adapterName, isSoftwareAdapter } from "../../src/probe/adapter-name";
import { probeAdapter } from "../../src/probe/adapters";
import { identifyBrowser } from "../../src/probe/browser";
import { ADAPTER_KINDS, isKnown, valueOf, type AdapterFacts, type Fact } from "../../src/probe/report";
import { milliseconds } from "../../src/shared/units";
import { fakeAdapter, fakeGpu } from "../fixtures/fake-browser";
import { makeInfo } from "../fixtures/make-report";
import { USER_AGENTS } from "../fixtures/user-agents";

const CHROME = identifyBrowser(USER_AGENTS.chromeLinux(150));
const probe = (gpu: GPU, kind: (typeof ADAPTER_KINDS)[number] = "highPerformance") =>
  probeAdapter(gpu, kind, CHROME, milliseconds(1000));

function factsOf(fact: Fact<AdapterFacts>): AdapterFacts {
  if (!isKnown(fact)) throw new Error(fact.reason.message);
  return fact.value;
}

describe("probeAdapter", () => {
  it("asks for each kind in WebGPU's own words", async () => {
    const requestAdapter = vi.fn(() => Promise.resolve(null));
    for (const kind of ADAPTER_KINDS) await probe(fakeGpu(requestAdapter), kind);
    expect(requestAdapter.mock.calls).toEqual([
      [{ powerPreference: "high-performance" }],
      [{ powerPreference: "low-power" }],
      [{ forceFallbackAdapter: true }],
    ]);
  });

  it("sees limits that are getters on the prototype, and sorts features", async () => {
    const { features, limits, info } = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter()))));
    expect(valueOf(limits)).toEqual({ maxBufferSize: 268_435_456, maxBindGroups: 4 });
    expect(valueOf(features)).toEqual(["shader-f16", "subgroups", "timestamp-query"]);
    expect(valueOf(info)).toMatchObject({ vendor: "intel", architecture: "gen-12lp", subgroupMinSize: 8 });
  });

  it("writes null for what an info lacks and keeps what is empty", async () => {
    const info = { vendor: "apple", device: "", isFallbackAdapter: false };
    const { info: read } = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter({ info })))));
    expect(valueOf(read)).toEqual({
      vendor: "apple",
      architecture: null,
      device: "",
      description: null,
      subgroupMinSize: null,
      subgroupMaxSize: null,
      isFallbackAdapter: false,
    });
  });

  it("writes null for every field of an info that has none", async () => {
    const { info: read } = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter({ info: {} })))));
    expect(new Set(Object.values(valueOf(read) ?? {}))).toEqual(new Set([null]));
  });

  it("keeps the rest of an adapter without info", async () => {
    const facts = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter({ info: undefined })))));
    expect(facts.info).toMatchObject({ reason: { code: "failed" } });
    expect(valueOf(facts.limits)).toHaveProperty("maxBufferSize");
    expect(valueOf(facts.features)).toContain("subgroups");
  });

  it("keeps the rest of an adapter whose limits throw", async () => {
    const limits = Object.create(
      Object.defineProperty({}, "maxBufferSize", {
        enumerable: true,
        get: () => {
          throw new Error("gone");
        },
      }),
    ) as object;
    const facts = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter({ limits })))));
    expect(facts.limits).toMatchObject({
      reason: { code: "failed", message: expect.stringContaining("gone") as string },
    });
    expect(valueOf(facts.info)).toHaveProperty("vendor", "intel");
  });

  it("passes over limits that are no numbers", async () => {
    const limits = { maxBufferSize: 1024, constructor: Object, note: "x" };
    const facts = factsOf(await probe(fakeGpu(() => Promise.resolve(fakeAdapter({ limits })))));
    expect(valueOf(facts.limits)).toEqual({ maxBufferSize: 1024 });
  });

  it("takes null for an answer, and for a fallback without a remedy: nothing is wrong there", async () => {
    const gpu = fakeGpu(() => Promise.resolve(null));
    expect(await probe(gpu)).toMatchObject({ reason: { code: "no-adapter", remedy: expect.any(String) as string } });
    const fallback = await probe(gpu, "fallback");
    expect(fallback).toMatchObject({ reason: { code: "no-adapter" } });
    expect(fallback).not.toHaveProperty("reason.remedy");
  });

  it.each([
    ["rejects", () => Promise.reject(new DOMException("busy", "OperationError"))],
    [
      "throws",
      () => {
        throw new TypeError("busy");
      },
    ],
  ])("survives a browser that %s", async (_how, requestAdapter) => {
    const reason = { code: "adapter-request-failed", message: "Asking for a GPU failed: busy" };
    expect(await probe(fakeGpu(requestAdapter))).toMatchObject({ reason });
  });

  describe("when no answer comes", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("stops waiting and says that it timed out", async () => {
      const probing = probe(fakeGpu(() => new Promise<never>(() => undefined)));
      await vi.advanceTimersByTimeAsync(1000);
      expect(await probing).toMatchObject({ reason: { code: "timed-out" } });
    });
  });
});

describe("adapterName", () => {
  it.each([
    [{ description: "NVIDIA GeForce RTX 4070" }, "NVIDIA GeForce RTX 4070"],
    [{ vendor: "nvidia", architecture: "ada-lovelace" }, "NVIDIA ada-lovelace GPU"],
    [{ vendor: "Intel", architecture: "gen-12lp" }, "Intel gen-12lp GPU"],
    [{ vendor: "arm", architecture: "valhall" }, "ARM valhall GPU"],
    [{ vendor: "img-tec", architecture: "" }, "Imagination GPU"],
    [{ vendor: "samsung", architecture: "rdna-2" }, "samsung rdna-2 GPU"],
    [{ vendor: "google", architecture: "swiftshader" }, "SwiftShader"],
    [{ vendor: "constructor", architecture: "" }, "constructor GPU"],
    [{ vendor: "", architecture: "", device: "0x2786" }, "0x2786 GPU"],
    [{ vendor: "", architecture: "" }, "a GPU this browser does not name"],
    [{ vendor: null, architecture: null, device: null, description: null }, "a GPU this browser does not name"],
  ])("of %j is %s", (info, name) => {
    expect(adapterName(makeInfo(info))).toBe(name);
  });
});

describe("isSoftwareAdapter", () => {
  it.each([
    [{ isFallbackAdapter: true }, true],
    [{ vendor: "google", architecture: "swiftshader" }, true],
    [{ description: "llvmpipe (LLVM 19.1.7, 256 bits)" }, true],
    [{ device: "Microsoft Basic Render Driver" }, true],
    [{ architecture: "WARP" }, true],
    [{ isFallbackAdapter: null, architecture: null, device: null, description: null }, false],
    [{ description: "Warpspeed 9000" }, false],
    [{}, false],
  ])("of %j is %s", (info, software) => {
    expect(isSoftwareAdapter(makeInfo(info))).toBe(software);
  });
});
