/** Keeps the worker's one loaded model. An engine's code is fetched when the first model wants it. */
import type { Engine, LoadOptions, ModelSource, Session, SessionInfo } from "../engine/engine";
import type { Gpu } from "../engine/wgsl/gpu/gpu";
import { ENGINES, type EngineName } from "../shared/engines";
import { abortedError, IngleError } from "../shared/errors";
import { choiceMemory } from "./choice-memory";

/** What tells that a device is lost. */
type Losable = Pick<Gpu, "lost">;

export interface HolderParts {
  readonly api: GPU | undefined;
  /** Opens the worker's device, or the one that replaces a lost one. WebLLM opens its own. */
  readonly openGpu: () => Promise<Gpu>;
}

const openStored = async (id: string) => (await import("../store/store")).openStored(id);

export class ModelHolder {
  readonly #parts: HolderParts;
  /** The model, and the device that it was made on. */
  #on: { readonly session: Session; readonly gpu: Losable | undefined } | undefined;
  readonly #watched = new WeakSet<Losable>();
  readonly #onLost = new Set<(error: IngleError) => void>();

  constructor(parts: HolderParts) {
    this.#parts = parts;
  }

  /** @throws IngleError "no-model" */
  get session(): Session {
    if (this.#on !== undefined) return this.#on.session;
    throw new IngleError("no-model", "No model is loaded. Load one first.");
  }

  get info(): SessionInfo | null {
    return this.#on?.session.info ?? null;
  }

  /**
   * The model before goes before the new one is allocated: there may not be room for both. It stays where the new one is
   * refused by its header.
   *
   * @param page The page's own address.
   * @throws IngleError as `Engine.load`.
   */
  async load(source: ModelSource, engine: EngineName, page: URL, options: LoadOptions): Promise<SessionInfo> {
    if (!ENGINES.includes(engine)) {
      throw new IngleError("request-invalid", `There is no engine "${engine}": there are ${ENGINES.join(" and ")}.`);
    }
    let gpu: Losable | undefined;
    const opened = await this.#open(engine, page, (device) => (gpu = device));
    const session = await opened.load(source, options);
    this.#on = { session, gpu };
    if (gpu !== undefined) this.#watch(gpu);
    return session.info;
  }

  /** Waits until the model is lost with its device. @throws IngleError "aborted" */
  whenLost(signal: AbortSignal): Promise<IngleError> {
    if (this.#on === undefined) {
      return Promise.resolve(new IngleError("device-lost", "The GPU was lost, and the model on it."));
    }
    return new Promise((resolve, reject) => {
      this.#onLost.add(resolve);
      const stop = () => {
        this.#onLost.delete(resolve);
        reject(abortedError());
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  unload(): null {
    this.#on?.session.dispose();
    this.#on = undefined;
    return null;
  }

  async #open(name: EngineName, page: URL, onDevice: (gpu: Losable) => void): Promise<Engine> {
    const makeRoom = () => void this.unload();
    const { api, openGpu } = this.#parts;
    if (name === "webllm") {
      const { WebLlmEngine } = await import("../engine/webllm/webllm-engine");
      return new WebLlmEngine({ api, openStored, makeRoom, onDevice });
    }
    const { WgslEngine } = await import("../engine/wgsl/engine");
    return new WgslEngine({
      openGpu: async () => {
        const gpu = await openGpu();
        onDevice(gpu);
        return gpu;
      },
      memory: choiceMemory,
      page,
      openStored,
      makeRoom,
    });
  }

  /** What was made on a lost device is gone. Told once a device, and holding no session: a device outlives many. */
  #watch(gpu: Losable): void {
    if (this.#watched.has(gpu)) return;
    this.#watched.add(gpu);
    void gpu.lost.then((error) => {
      if (this.#on?.gpu !== gpu) return;
      // Not disposed of: that would end its running reply as stopped, before it finds that the device is lost.
      this.#on = undefined;
      for (const tell of this.#onLost) tell(error);
      this.#onLost.clear();
    });
  }
}
