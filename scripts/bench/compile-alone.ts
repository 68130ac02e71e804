/**
 * Compiles a model's pipelines again with nothing beside them: while a model loads, its weights are repacked and
 * uploaded at the same time, and that is most of what an answer waits for.
 */
import type { Browser } from "playwright";
import type { PipelineSource } from "./gpu-log";

/**
 * In a browser context of its own, which shares no cache of compiled pipelines with the page.
 *
 * @returns [ms] from the first to the last.
 */
export async function compileAlone(
  browser: Browser,
  site: string,
  sources: readonly PipelineSource[],
): Promise<number> {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    // Something of the site's origin that runs nothing: where there is no secure context, there is no WebGPU.
    await tab.goto(new URL("manifest.webmanifest", site).href);
    return await tab.evaluate(async (sources) => {
      const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
      const wanted = ["shader-f16", "subgroups"] as const;
      const requiredFeatures = wanted.filter((name) => adapter?.features.has(name));
      const device = await adapter?.requestDevice({ requiredFeatures });
      if (device === undefined) throw new Error("The adapter is gone.");
      const begun = performance.now();
      await Promise.all(
        sources.map(({ label, code, entryPoint }) => {
          const compute = { module: device.createShaderModule({ label, code }), entryPoint };
          return device.createComputePipelineAsync({ label, layout: "auto", compute });
        }),
      );
      const elapsed = performance.now() - begun;
      device.destroy();
      return elapsed;
    }, sources);
  } finally {
    await context.close();
  }
}
