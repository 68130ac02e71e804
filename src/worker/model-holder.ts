/** Keeps the worker's one loaded model. The engine's code is fetched when the first is wanted. */
import type { LoadOptions, ModelSource, Session, SessionInfo } from "../engine/engine";
import type { Gpu } from "../engine/wgsl/gpu/gpu";
import { IngleError } from "../shared/errors";
import { choiceMemory } from "./choice-memory";

export class ModelHolder {
  readonly #openGpu: () => Promise<Gpu>;
  #session: Session | undefined;
  #gpu: Gpu | undefined;

  constructor(openGpu: () => Promise<Gpu>) {
    this.#openGpu = openGpu;
  }

  /** @throws IngleError "no-model" */
  get session(): Session {
    if (this.#session !== undefined) return this.#session;
    throw new IngleError("no-model", "No model is loaded. Load one first.");
  }

  /**
   * The model before goes before the new one is allocated: there may not be room for both. It stays where the new one is
   * refused by its header.
   *
   * @param page The page's own address.
   * @throws IngleError as `Engine.load`.
   */
  async load(source: ModelSource, page: URL, options: LoadOptions): Promise<SessionInfo> {
    const { WgslEngine } = await import("../engine/wgsl/engine");
    const engine = new WgslEngine({
      openGpu: async () => this.#watch(await this.#openGpu()),
      memory: choiceMemory,
      page,
      openStored: async (id) => (await import("../store/store")).openStored(id),
      makeRoom: () => void this.unload(),
    });
    this.#session = await engine.load(source, options);
    return this.#session.info;
  }

  unload(): null {
    this.#session?.dispose();
    this.#session = undefined;
    return null;
  }

  /** What was made on a lost device is gone. Told once a device, and holding no session: a device outlives many. */
  #watch(gpu: Gpu): Gpu {
    if (this.#gpu === gpu) return gpu;
    this.#gpu = gpu;
    void gpu.lost.then(() => {
      if (this.#gpu !== gpu) return;
      this.#gpu = undefined;
      // Not disposed of: that would end its running reply as stopped, before it finds that the device is lost.
      this.#session = undefined;
    });
    return gpu;
  }
}
