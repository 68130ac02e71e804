/** Ingle's own engine: reads a model's files, puts it on the GPU, gives a session. */
import { IngleError, throwIfAborted } from "../../shared/errors";
import type { Engine, LoadOptions, ModelSource, Session } from "../engine";
import { openModel, type ModelPlaces } from "./open-model";
import { samplingDefaults } from "./generate/sampling";
import type { Gpu } from "./gpu/gpu";
import { PLAIN_CHOICE, type KernelChoice } from "./model/choice";
import { chooseKernels, type ChoiceMemory } from "./model/choose";
import { loadModel } from "./model/loaded-model";
import { planModel } from "./model/plan";
import { WgslSession } from "./session";

export interface WgslEngineParts extends ModelPlaces {
  /** Opens the device, or the one that replaces a lost one. */
  readonly openGpu: () => Promise<Gpu>;
  readonly memory: ChoiceMemory;
  /** Called when the model is known to be one that can be run, before anything is allocated for it. */
  readonly makeRoom?: () => void;
}

export class WgslEngine implements Engine {
  readonly #parts: WgslEngineParts;

  constructor(parts: WgslEngineParts) {
    this.#parts = parts;
  }

  async load(source: ModelSource, { contextLength, kv = "f32", signal, onProgress }: LoadOptions): Promise<Session> {
    onProgress?.({ stage: "reading" });
    // The tokenizer's libraries are larger than the engine: a chunk of their own, fetched beside the model's header.
    const [file, { openTokenizer }] = await Promise.all([
      openModel(source, this.#parts, signal),
      import("./tokenizer/open-tokenizer"),
    ]);
    const tokenizer = openTokenizer(file.tokenizer);
    const gpu = await this.#parts.openGpu();
    planModel(file, gpu.device.limits, { contextLength, kv }); // refuses what can't be run
    throwIfAborted(signal);
    this.#parts.makeRoom?.();
    onProgress?.({ stage: "tuning" });
    const choice = await chooseKernels(gpu, file, { kv, memory: this.#parts.memory, signal });
    const load = (choice: KernelChoice) =>
      loadModel(gpu, file, {
        contextLength,
        kv,
        choice,
        sampledTokens: tokenizer.vocabularySize,
        signal,
        onProgress: (progress) => onProgress?.({ stage: "loading", ...progress }),
      });
    // What was remembered may not compile any more, after an update of the browser or the driver.
    const model = await load(choice).catch((thrown: unknown) => {
      if (!(thrown instanceof IngleError && thrown.code === "gpu-validation")) throw thrown;
      return load(PLAIN_CHOICE);
    });
    return new WgslSession({ model, tokenizer, name: file.name, sampling: samplingDefaults(file.sampling) });
  }
}
