import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { probe, type ProbeInputs } from "../../src/probe/probe";
import { readReport } from "../../src/probe/read-report";
import { isKnown, known, unknown, type CapabilityReport, type Fact } from "../../src/probe/report";
import { fakeAdapter, fakeGpu, fakeInputs, fakeStorage, fakeWorkers } from "../fixtures/fake-browser";
import { USER_AGENTS } from "../fixtures/user-agents";

const never = () => new Promise<never>(() => undefined);
const rejects = () => Promise.reject(new Error("broken"));
const throws = (): never => {
  throw new Error("broken");
};
const deviceRejected = (message: string) => () => Promise.resolve(unknown("device-request-failed", message));

const codeOf = (fact: Fact<unknown>): string | undefined => (isKnown(fact) ? undefined : fact.reason.code);
const withDedicated = (dedicatedWorker: () => Promise<Fact<true>>): Partial<ProbeInputs> => ({
  workers: fakeWorkers({ device: { ...fakeWorkers().device, dedicatedWorker } }),
});

describe("probe", () => {
  it("puts all it was given into a report that the reader takes", async () => {
    const report = await probe(fakeInputs());
    expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report).toMatchObject({
      createdAt: "2026-11-23T10:00:00.000Z",
      webgpu: known(true),
      browser: { name: known("Chrome"), version: known("150.0.0.0"), system: known("Linux") },
      page: { secureContext: known(true), crossOriginIsolated: known(false) },
      wgslLanguageFeatures: known(["linear_indexing", "subgroup_id"]),
      storage: { quotaBytes: known(1_000_000), usageBytes: known(5000), persisted: known(false) },
    });
    expect(codeOf(report.measurements.readBandwidth)).toBe("not-measured");
    expect(codeOf(report.kernelChecks)).toBe("not-measured");
  });

  it.each<[string, Partial<ProbeInputs>, string]>([
    ["no API in a secure page", { gpu: undefined }, "no-api"],
    ["no API in an insecure page", { gpu: undefined, secureContext: false }, "insecure-context"],
    ["a null adapter", { gpu: fakeGpu(() => Promise.resolve(null)) }, "no-adapter"],
    ["an adapter request that rejects", { gpu: fakeGpu(rejects) }, "adapter-request-failed"],
    ["an adapter request that throws", { gpu: fakeGpu(throws) }, "adapter-request-failed"],
    ["a device that is refused", withDedicated(deviceRejected("no memory")), "device-request-failed"],
    [
      "a worker without the API",
      withDedicated(() => Promise.resolve(unknown("no-api-in-worker", "None."))),
      "no-api-in-worker",
    ],
    ["no worker", withDedicated(() => Promise.resolve(unknown("no-worker", "None."))), "no-worker"],
    ["a worker that rejects", withDedicated(rejects), "failed"],
    ["a worker that throws", withDedicated(throws), "failed"],
  ])("gives the first cause for %s", async (_what, changes, code) => {
    const report = await probe(fakeInputs(changes));
    expect(codeOf(report.webgpu)).toBe(code);
    expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it("names the browser's own words where a device is refused", async () => {
    const { webgpu } = await probe(fakeInputs(withDedicated(deviceRejected("no memory"))));
    expect(webgpu).toMatchObject({ reason: { message: expect.stringContaining("It said: no memory") as string } });
  });

  it("makes a report that can be read again even of messages over several lines, as Chrome's are", async () => {
    const message = "Required limit is too high.\n - While validating maxBufferSize.\n - While calling requestDevice.";
    const report = await probe(fakeInputs(withDedicated(deviceRejected(message))));
    expect(() => readReport(JSON.parse(JSON.stringify(report)))).not.toThrow();
  });

  it("makes a report that can be read again of a message without end", async () => {
    const report = await probe(fakeInputs(withDedicated(deviceRejected("x".repeat(50_000)))));
    expect(() => readReport(JSON.parse(JSON.stringify(report)))).not.toThrow();
  });

  it("asks nothing of a GPU that is not there, in any worker's name", async () => {
    const { adapters } = await probe(fakeInputs({ gpu: undefined, secureContext: false }));
    for (const fact of Object.values(adapters)) expect(codeOf(fact)).toBe("insecure-context");
  });

  it("keeps the kinds of adapter apart", async () => {
    const gpu = fakeGpu((options) =>
      options?.forceFallbackAdapter
        ? Promise.resolve(null)
        : options?.powerPreference === "low-power"
          ? rejects()
          : Promise.resolve(fakeAdapter()),
    );
    const { adapters, webgpu } = await probe(fakeInputs({ gpu }));
    expect(isKnown(adapters.highPerformance)).toBe(true);
    expect(codeOf(adapters.lowPower)).toBe("adapter-request-failed");
    expect(codeOf(adapters.fallback)).toBe("no-adapter");
    expect(webgpu).toEqual(known(true));
  });

  it.each<[string, StorageManager | undefined, Partial<Record<keyof CapabilityReport["storage"], string | undefined>>]>(
    [
      ["is missing", undefined, { quotaBytes: "failed", usageBytes: "failed", persisted: "failed" }],
      ["has no methods", fakeStorage({}), { quotaBytes: "failed", usageBytes: "failed", persisted: "failed" }],
      [
        "throws",
        fakeStorage({ estimate: throws, persisted: throws }),
        { quotaBytes: "failed", usageBytes: "failed", persisted: "failed" },
      ],
      [
        "rejects",
        fakeStorage({ estimate: rejects, persisted: () => Promise.resolve(true) }),
        { quotaBytes: "failed", usageBytes: "failed", persisted: undefined },
      ],
      [
        "says half",
        fakeStorage({ estimate: () => Promise.resolve({ quota: 5 }), persisted: () => Promise.resolve(true) }),
        { quotaBytes: undefined, usageBytes: "unsupported" },
      ],
    ],
  )("survives a storage manager that %s", async (_how, storage, codes) => {
    const report = await probe(fakeInputs({ storage }));
    for (const [name, code] of Object.entries(codes)) {
      expect(codeOf(report.storage[name as keyof CapabilityReport["storage"]]), name).toBe(code);
    }
    expect(report.webgpu).toEqual(known(true));
  });

  it("gives storage in workers its own reasons", async () => {
    const workers = fakeWorkers({ indexedDb: rejects, opfs: () => Promise.resolve(unknown("unsupported", "None.")) });
    const { storage } = await probe(fakeInputs({ workers }));
    expect(codeOf(storage.indexedDb)).toBe("failed");
    expect(codeOf(storage.opfs)).toBe("unsupported");
  });

  it("leaves unknown what the browser does not say of itself", async () => {
    const { browser } = await probe(fakeInputs({ userAgent: "" }));
    for (const fact of Object.values(browser)) expect(codeOf(fact as Fact<unknown>)).toBe("unsupported");
  });

  it("keeps a user agent it can't read", async () => {
    const { browser } = await probe(fakeInputs({ userAgent: "curl/8.0" }));
    expect(browser.userAgent).toEqual(known("curl/8.0"));
    expect(codeOf(browser.system)).toBe("unsupported");
  });

  it("survives adapters of older browsers, without info and language features", async () => {
    const gpu = fakeGpu(() => Promise.resolve(fakeAdapter({ info: undefined })));
    Object.assign(gpu, { wgslLanguageFeatures: undefined });
    const report = await probe(fakeInputs({ gpu, userAgent: USER_AGENTS.chromeWindows(113) }));
    expect(report.webgpu).toEqual(known(true));
    expect(codeOf(report.wgslLanguageFeatures)).toBe("unsupported");
  });

  it.each([
    [
      "throw",
      Object.defineProperty(
        fakeGpu(() => Promise.resolve(fakeAdapter())),
        "wgslLanguageFeatures",
        { get: throws },
      ),
    ],
    [
      "are no list",
      Object.assign(
        fakeGpu(() => Promise.resolve(fakeAdapter())),
        { wgslLanguageFeatures: { size: 3 } },
      ),
    ],
  ])("survives language features that %s", async (_how, gpu) => {
    const report = await probe(fakeInputs({ gpu }));
    expect(isKnown(report.wgslLanguageFeatures)).toBe(false);
  });

  describe("when nothing answers", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("ends within three seconds with a reason for each", async () => {
      const workers = {
        device: { dedicatedWorker: never, sharedWorker: never, serviceWorker: never },
        indexedDb: never,
        opfs: never,
      };
      const storage = fakeStorage({ estimate: never, persisted: never });
      const done = vi.fn<(report: CapabilityReport) => void>();
      void probe(fakeInputs({ gpu: fakeGpu(never), storage, workers })).then(done);
      await vi.advanceTimersByTimeAsync(2999);

      expect(done).toHaveBeenCalledOnce();
      const report = done.mock.calls[0]?.[0];
      if (report === undefined) throw new Error("There is no report.");
      const facts = { ...report.workers, ...report.storage };
      for (const [name, fact] of Object.entries(facts)) expect(codeOf(fact), name).toBe("timed-out");
      expect(vi.getTimerCount()).toBe(0);
    });

    it("says that adapters timed out, and WebGPU with them", async () => {
      const probing = probe(fakeInputs({ gpu: fakeGpu(never) }));
      await vi.advanceTimersByTimeAsync(2999);
      const { adapters, webgpu } = await probing;
      for (const fact of Object.values(adapters)) expect(codeOf(fact)).toBe("timed-out");
      expect(codeOf(webgpu)).toBe("timed-out");
    });

    it("waits for all at once, not for one after the other", async () => {
      const late = () => new Promise<Fact<true>>((resolve) => setTimeout(() => resolve(known(true)), 2500));
      const workers = {
        device: { dedicatedWorker: late, sharedWorker: late, serviceWorker: late },
        indexedDb: late,
        opfs: late,
      };
      const probing = probe(fakeInputs({ workers }));
      await vi.advanceTimersByTimeAsync(2600);
      expect((await probing).storage.opfs).toEqual(known(true));
    });
  });
});
