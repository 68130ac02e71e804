import { openGpu, type Gpu } from "../engine/wgsl/gpu/gpu";

/** Keeps the worker's one device: opened when first needed, opened again after it was lost. */
export class GpuHolder {
  readonly #api: GPU | undefined;
  #opened: Promise<Gpu> | undefined;

  constructor(api: GPU | undefined) {
    this.#api = api;
  }

  /** @throws IngleError "device-unavailable" */
  open(): Promise<Gpu> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<Gpu> {
    try {
      const gpu = await openGpu(this.#api);
      void gpu.lost.then(() => (this.#opened = undefined));
      return gpu;
    } catch (thrown) {
      this.#opened = undefined; // the next request tries again
      throw thrown;
    }
  }
}
