import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guarded } from "../../src/engine/wgsl/gpu/gpu";
import { fakeGpu, type FakeGpu } from "./fake-device";

let gpu: FakeGpu;
beforeEach(() => {
  vi.useFakeTimers();
  gpu = fakeGpu();
});
afterEach(() => {
  // Whatever happened: one scope for each kind was opened, and none was left to swallow somebody else's errors.
  expect([...gpu.opened].sort()).toEqual(["out-of-memory", "validation"]);
  expect(gpu.scopes).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => undefined);

describe("guarded", () => {
  it("gives what the work gives, which runs within the scopes", async () => {
    const work = () => Promise.resolve(gpu.scopes.length);
    await expect(guarded(gpu, "The sum", work)).resolves.toBe(2);
  });

  it("passes on what the work throws", async () => {
    const thrown = new TypeError("no");
    await expect(guarded(gpu, "The sum", () => Promise.reject(thrown))).rejects.toBe(thrown);
  });

  it("passes on what the work throws before there is a promise at all", async () => {
    const thrown = new TypeError("no");
    const work = (): Promise<never> => {
      throw thrown;
    };
    await expect(guarded(gpu, "The sum", work)).rejects.toBe(thrown);
  });

  it("rejects on a validation error although the work went well", async () => {
    const work = () => {
      gpu.raise("validation", "The binding is too small.");
      return Promise.resolve();
    };
    await expect(guarded(gpu, "The sum", work)).rejects.toMatchObject({
      name: "IngleError",
      code: "gpu-validation",
      message: "The sum: The binding is too small.",
    });
  });

  it("prefers the validation error to what was thrown for it", async () => {
    const work = () => {
      gpu.raise("validation", "The binding is too small.");
      return Promise.reject(new DOMException("The buffer is invalid.", "OperationError"));
    };
    await expect(guarded(gpu, "The sum", work)).rejects.toMatchObject({ code: "gpu-validation" });
  });

  it("rejects when the GPU's memory is used up, whatever follows from it", async () => {
    const work = () => {
      gpu.raise("out-of-memory", "Allocating 2 GiB failed.");
      gpu.raise("validation", "The buffer is invalid.");
      return Promise.reject(new TypeError("no buffer"));
    };
    await expect(guarded(gpu, "The sum", work)).rejects.toMatchObject({
      name: "IngleError",
      code: "gpu-out-of-memory",
      message: "The sum: the GPU has too little memory. Allocating 2 GiB failed.",
    });
  });

  it("ends when the device is lost under work that never would", async () => {
    const work = guarded(gpu, "The sum", never);
    const ended = expect(work).rejects.toMatchObject({ code: "device-lost" });
    gpu.lose();
    await ended;
  });

  it("ends when the device is lost while the scopes are closed", async () => {
    gpu.hangScopes();
    const work = guarded(gpu, "The sum", () => Promise.resolve(7));
    const settled = vi.fn();
    work.catch(settled);
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).not.toHaveBeenCalled();
    const error = gpu.lose();
    await expect(work).rejects.toBe(error);
  });

  it("waits for the loss when the scopes' end is its first sign, and tells its reason", async () => {
    gpu.breakScopes(new DOMException("Instance dropped.", "OperationError"));
    const ended = guarded(gpu, "The sum", () => Promise.resolve(7)).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(500);
    const error = gpu.lose();
    expect(await ended).toBe(error);
  });

  it("calls it a loss, and keeps the cause, when the browser never tells", async () => {
    const cause = new DOMException("Instance dropped.", "OperationError");
    gpu.breakScopes(cause);
    const settled = vi.fn();
    guarded(gpu, "The sum", () => Promise.resolve(7)).catch(settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledWith(
      expect.objectContaining({ name: "IngleError", code: "device-lost", message: "The GPU was lost.", cause }),
    );
  });

  it("lets work fail late without anybody noticing", async () => {
    let fail: (reason: Error) => void = () => undefined;
    const late = () => new Promise<never>((_resolve, reject) => (fail = reject));
    const ended = expect(guarded(gpu, "The sum", late)).rejects.toMatchObject({ code: "device-lost" });
    gpu.lose();
    await ended;
    fail(new Error("too late"));
    await vi.advanceTimersByTimeAsync(1); // an unhandled rejection here fails the run
  });
});
