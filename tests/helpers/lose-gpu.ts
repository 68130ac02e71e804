/** A GPU that is lost in the middle of something, as when its driver is restarted. */
import type { Page } from "playwright/test";

declare const globalThis: { opened: GPUDevice };

/** Of the page's own worker. @returns loses the device that was opened there last, from now on. */
export async function losableGpu(tab: Page): Promise<() => Promise<void>> {
  const [worker] = tab.workers();
  if (worker === undefined) throw new Error("The page has no worker.");
  await worker.evaluate(() => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await requestDevice.call(this, descriptor);
      globalThis.opened = device;
      return device;
    };
  });
  return () => worker.evaluate(() => globalThis.opened.destroy());
}
