/** Keeps the worker's one loaded model. The engine's code is fetched when the first is wanted. */
import type { LoadOptions, ModelSource, Session, SessionInfo } from "../engine/engine";
import type { Gpu } from "../engine/wgsl/gpu/gpu";
import { IngleError } from "../shared/errors";
import { choiceMemory } from "./choice-memory";

export class ModelHolder {
  readonly #openGpu: () => Promise<Gpu>;
  #session: Session | undefined;

  constructor(openGpu: () => Promise<Gpu>) {
    this.#openGpu = openGpu;
  }

  /** @throws IngleError "no-model" */
  get session(): Session {
    if (this.#session !== undefined) return this.#session;
    throw new IngleError("no-model", "No model is loaded. Load one first.");
  }

  /**
   * The model before goes first: there may not be room for both.
   *
   * @param page The page's own address.
   * @throws IngleError as `Engine.load`.
   */
  async load(source: ModelSource, page: URL, options: LoadOptions): Promise<SessionInfo> {
    this.unload();
    const { WgslEngine } = await import("../engine/wgsl/engine");
    const gpu = await this.#openGpu();
    const engine = new WgslEngine({ openGpu: () => Promise.resolve(gpu), memory: choiceMemory, page });
    const session = await engine.load(source, options);
    this.#session = session;
    // What it was made on is gone; running requests end by themselves.
    void gpu.lost.then(() => {
      if (this.#session === session) this.unload();
    });
    return session.info;
  }

  unload(): null {
    this.#session?.dispose();
    this.#session = undefined;
    return null;
  }
}
