/** The limits of the device that WebLLM opens are not the adapter's. */
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { stated } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { fit } from "../../src/fit/fit";
import { DEFAULT_SETTINGS } from "../../src/fit/verdict";
import { GiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";

describe("WebLLM's device", () => {
  const on = (binding: number, buffer: number, id: string) => {
    const { limits, ...device } = deviceOf(makeReport());
    const all = fit(
      { ...device, limits: { ...limits, maxStorageBufferBindingSize: binding, maxBufferSize: buffer } },
      stated(64 * GiB),
      CATALOGUE,
      { ...DEFAULT_SETTINGS, engine: "webllm" },
    ).verdicts;
    return all.find(({ model }) => model.id === id)?.best;
  };

  it.each([683 * 2 ** 20, 256 * 2 ** 20, GiB - 4])(
    "has bindings of 128 MiB where the adapter allows %d bytes",
    (allowed) => {
      const { state, reasons } = on(allowed, 4 * GiB, "Qwen2.5-3B-Instruct") ?? { reasons: [] };
      expect(state).toBe("does-not-fit");
      expect(reasons[0]).toBe("WebLLM would get bindings of 128 MiB here; it needs 148 MiB.");
      expect(on(allowed, 4 * GiB, "Qwen2.5-1.5B-Instruct")?.state).toBe("fits");
    },
  );

  it("has bindings of 1 GiB, and no more, where the adapter allows that", () => {
    expect(on(GiB, 4 * GiB, "Qwen2.5-3B-Instruct")?.state).toBe("fits");
    expect(on(4 * GiB, 4 * GiB, "Qwen2.5-3B-Instruct")?.state).toBe("fits");
  });

  it("has buffers of 256 MiB where the adapter allows less than 1 GiB", () => {
    expect(on(GiB, GiB - 4, "Llama-3.1-8B-Instruct")?.state).toBe("fits");
    expect(on(GiB, GiB - 4, "Qwen2.5-7B-Instruct")?.reasons[0]).toBe(
      "WebLLM would get buffers of 256 MiB here; it needs 260 MiB.",
    );
  });
});
