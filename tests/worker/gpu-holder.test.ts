import { describe, expect, it, vi } from "vitest";
import { GpuHolder } from "../../src/worker/gpu-holder";
import { fakeAdapter, fakeGpu } from "../fixtures/fake-browser";

/** An API whose every device can be lost by its number. */
function losable() {
  const losses: (() => void)[] = [];
  const requestDevice = () => {
    const lost = new Promise((resolve) => losses.push(() => resolve({ message: "gone" })));
    return Promise.resolve({ lost });
  };
  const adapter = fakeAdapter({ features: new Set<string>(), ...{ requestDevice } });
  const requestAdapter = vi.fn(() => Promise.resolve<GPUAdapter | null>(adapter));
  return { holder: new GpuHolder(fakeGpu(requestAdapter)), requestAdapter, lose: (n: number) => losses[n]?.() };
}

describe("GpuHolder", () => {
  it("opens nothing before it is asked", () => {
    expect(losable().requestAdapter).not.toHaveBeenCalled();
  });

  it("opens once for all who ask, meanwhile and later", async () => {
    const { holder, requestAdapter } = losable();
    const [first, second] = await Promise.all([holder.open(), holder.open()]);
    expect(second).toBe(first);
    expect(await holder.open()).toBe(first);
    expect(requestAdapter).toHaveBeenCalledOnce();
  });

  it("opens again after the device was lost, every time", async () => {
    const { holder, requestAdapter, lose } = losable();
    const seen = new Set([await holder.open()]);
    for (const n of [0, 1]) {
      lose(n);
      await vi.waitFor(async () => expect(seen).not.toContain(await holder.open()));
      seen.add(await holder.open());
    }
    expect(requestAdapter).toHaveBeenCalledTimes(3);
  });

  it("rejects all who asked when it can't be opened, and tries again for the next", async () => {
    const { holder, requestAdapter } = losable();
    requestAdapter.mockResolvedValueOnce(null);
    const outcomes = await Promise.allSettled([holder.open(), holder.open()]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "device-unavailable" } });
    expect(requestAdapter).toHaveBeenCalledOnce();
    await expect(holder.open()).resolves.toHaveProperty("device");
    expect(requestAdapter).toHaveBeenCalledTimes(2);
  });

  it("rejects where there is no WebGPU", async () => {
    await expect(new GpuHolder(undefined).open()).rejects.toMatchObject({ code: "device-unavailable" });
  });
});
