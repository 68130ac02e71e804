/** WebLLM behind our interface: its files come from our store, its device is watched. */
import type { MLCEngine } from "@mlc-ai/web-llm";
import { abortedError, IngleError, messageOf, throwIfAborted } from "../../shared/errors";
import { formatBytes, formatNumber } from "../../shared/units";
import { WEBLLM_DEMANDS as DEMANDS } from "../../shared/webllm-limits";
import type { Engine, LoadOptions, LoadProgress, ModelSource, Session, SessionInfo } from "../engine";
import { readMlcWithoutWeights, type OpenByName } from "../wgsl/formats/mlc";
import type { MlcConfig } from "../wgsl/formats/mlc-config";
import { samplingDefaults } from "../wgsl/generate/sampling";
import { chooseContext } from "../wgsl/model/plan";
import type { OpenStored } from "../wgsl/open-model";
import { untilLostOrStopped } from "./limit";
import { WebLlmSession } from "./session";
import { untilStandInsGone, withStandIns } from "./stand-ins";
import { asCaches, type StoredFile } from "./stored-files";
import { watchGpu, type WatchedGpu } from "./watched-gpu";

export interface WebLlmLibrary {
  readonly MLCEngine: new (
    ...args: ConstructorParameters<typeof MLCEngine>
  ) => Pick<MLCEngine, "chat" | "completions" | "interruptGenerate" | "getMessage" | "unload" | "reload">;
}

export interface WebLlmEngineParts {
  readonly api: GPU | undefined;
  readonly openStored: OpenStored;
  /** Called when the model is known to be one that can be run, before anything is allocated for it. */
  readonly makeRoom?: () => void;
  /** Told of the device that the library opens. */
  readonly onDevice?: (device: Pick<WatchedGpu, "lost">) => void;
}

/** Where the library takes the files to be. Nothing is ever asked of it: our caches have all there is. */
const BASE = new URL("https://model.invalid/resolve/main/");
const MODEL_ID = "model";

export class WebLlmEngine implements Engine {
  readonly #parts: WebLlmEngineParts;

  constructor(parts: WebLlmEngineParts) {
    this.#parts = parts;
  }

  async load(source: ModelSource, { contextLength, signal, onProgress }: LoadOptions): Promise<Session> {
    onProgress?.({ stage: "reading" });
    const { api, openStored, makeRoom, onDevice } = this.#parts;
    if (source.kind !== "stored") {
      throw new IngleError(
        "model-unsupported",
        "WebLLM runs models that are in the browser's storage. Download it first.",
      );
    }
    const { name, files } = await openStored(source.id);
    const compiled = compiledLibraryOf(name, files);
    const { chat, tokenizer: tokenizerFiles } = await readMlcWithoutWeights(openByName(files), signal);
    const context = chooseContext(chat.config, contextLength);
    if (api === undefined) throw new IngleError("device-unavailable", "WebGPU is not offered in this worker.");
    await requireDemands(api, name, chat);
    const [{ MLCEngine }, { openTokenizer }] = await Promise.all([
      importLibrary(),
      import("../wgsl/tokenizer/open-tokenizer"),
    ]);
    const tokenizer = openTokenizer(tokenizerFiles);
    await untilStandInsGone();
    throwIfAborted(signal);
    makeRoom?.();

    const gpu = watchGpu(api);
    onDevice?.(gpu);
    const left = new AbortController();
    const reading = new WeightsRead(files, onProgress);
    const caches = asCaches(BASE, reading.files, AbortSignal.any([signal, left.signal]));
    const engine = new MLCEngine({
      appConfig: {
        cacheBackend: "cache",
        model_list: [
          {
            model: BASE.href,
            model_id: MODEL_ID,
            model_lib: new URL(compiled.name, BASE).href,
            overrides: { context_window_size: context },
          },
        ],
      },
      // It tells of every pipeline that it compiles: a sign of life.
      initProgressCallback: () => reading.tell(),
      logLevel: "SILENT",
    });
    const loading = withStandIns({ caches, gpu: gpu.api }, () => engine.reload(MODEL_ID));
    try {
      await untilLostOrStopped(loading, gpu, signal);
      throwIfAborted(signal);
      const problem = caches.problem ?? gpu.problem;
      if (problem !== undefined) throw problem;
    } catch (thrown) {
      left.abort();
      const unload = () => engine.unload().catch(() => undefined);
      void unload();
      gpu.destroy();
      // It may be in the middle of it, and come to its end.
      void loading.then(unload, () => undefined);
      throw failureOf(thrown, { signal, problem: caches.problem ?? gpu.problem, gpu, name, compiled: compiled.name });
    }
    return new WebLlmSession({
      library: engine,
      gpu,
      tokenizer,
      vocabulary: chat.config.vocabulary,
      info: {
        name,
        engine: "webllm",
        contextLength: context,
        modelContextLength: chat.config.contextLength,
        bytes: bytesOf(chat, context, reading.bytesTotal, gpu.bytes),
        // Of its own; what the library lacks (top-k, min-p) is off.
        sampling: { ...samplingDefaults({ temperature: 0.7, topP: 0.95, ...chat.sampling }), topK: 0, minP: 0 },
      },
    });
  }
}

async function importLibrary(): Promise<WebLlmLibrary> {
  try {
    return await import("./webllm-library");
  } catch (cause) {
    throw new IngleError(
      "source-failed",
      "WebLLM's code could not be fetched: it comes with the first model that it runs, and needs the page's host once.",
      { cause },
    );
  }
}

/** @throws IngleError "model-unsupported" */
function compiledLibraryOf(name: string, files: readonly StoredFile[]): StoredFile {
  const [compiled, other] = files.filter((file) => file.name.endsWith(".wasm"));
  if (compiled !== undefined && other === undefined) return compiled;
  throw new IngleError(
    "model-unsupported",
    compiled === undefined
      ? `${name} came without a library compiled for WebLLM. Run it with Ingle's engine.`
      : `${name} came with several compiled libraries (${compiled.name}, ${other?.name ?? ""}); WebLLM takes one.`,
  );
}

function openByName(files: readonly StoredFile[]): OpenByName {
  return (name) => {
    const file = files.find((each) => each.name === name);
    return file === undefined
      ? Promise.reject(new IngleError("model-invalid", `The model has no file "${name}".`))
      : Promise.resolve(file);
  };
}

/** In our words, before anything is given up for it. @throws IngleError "device-unavailable"; "model-unsupported" */
async function requireDemands(api: GPU, name: string, { quantization }: MlcConfig): Promise<void> {
  const adapter = await api.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new IngleError("device-unavailable", "This browser offers no GPU.");
  const refuse = (why: string) => {
    throw new IngleError("model-unsupported", `WebLLM can't run ${name} here: ${why} Ingle's engine needs less.`);
  };
  const { maxStorageBuffersPerShaderStage: buffers, maxComputeWorkgroupStorageSize: shared } = adapter.limits;
  if (buffers < DEMANDS.maxStorageBuffersPerShaderStage) {
    refuse(
      `it needs ${formatNumber(DEMANDS.maxStorageBuffersPerShaderStage)} storage buffers in a shader; this adapter allows ${formatNumber(buffers)}.`,
    );
  }
  if (shared < DEMANDS.maxComputeWorkgroupStorageSize) {
    refuse(
      `it needs ${formatBytes(DEMANDS.maxComputeWorkgroupStorageSize)} of workgroup memory; this adapter allows ${formatBytes(shared)}.`,
    );
  }
  if (quantization.includes("f16") && !adapter.features.has("shader-f16")) {
    refuse("this build of it computes in 16 bits, and this adapter has no shader-f16.");
  }
}

interface Failure {
  readonly signal: AbortSignal;
  /** What was seen beside the library. */
  readonly problem: IngleError | undefined;
  readonly gpu: WatchedGpu;
  readonly name: string;
  /** The compiled library's file. */
  readonly compiled: string;
}

/** What the library throws tells little: a failed allocation shows as an object that was disposed of. */
function failureOf(thrown: unknown, { signal, problem, gpu, name, compiled }: Failure): IngleError {
  if (signal.aborted) return abortedError(thrown);
  if (problem !== undefined) return problem;
  if (thrown instanceof IngleError) return thrown;
  if (gpu.isAsked)
    return new IngleError("unexpected", `WebLLM could not load ${name}: ${messageOf(thrown)}`, { cause: thrown });
  // All that comes before the GPU, and was not read by us, is the compiled code.
  return new IngleError(
    "model-invalid",
    `${compiled}, the compiled library of ${name}, does not start with this release of WebLLM. Download the model again, or run it with Ingle's engine.`,
    { cause: thrown },
  );
}

/** The files as they are, with a count of the weights' bytes that were read. */
class WeightsRead {
  readonly files: readonly StoredFile[];
  readonly bytesTotal: number;
  readonly #onProgress: ((progress: LoadProgress) => void) | undefined;
  #bytesDone = 0;

  constructor(files: readonly StoredFile[], onProgress: ((progress: LoadProgress) => void) | undefined) {
    const isWeights = ({ name }: StoredFile) => name.endsWith(".bin");
    this.bytesTotal = files.filter(isWeights).reduce((sum, { size }) => sum + size, 0);
    this.files = files.map((file) => (isWeights(file) ? this.#counted(file) : file));
    this.#onProgress = onProgress;
  }

  tell(): void {
    this.#onProgress?.({ stage: "loading", bytesDone: this.#bytesDone, bytesTotal: this.bytesTotal });
  }

  #counted(file: StoredFile): StoredFile {
    const count = (bytes: number) => {
      this.#bytesDone += bytes;
      this.tell();
    };
    return {
      ...file,
      async *stream(from, to, signal) {
        for await (const piece of file.stream(from, to, signal)) {
          count(piece.length);
          yield piece;
        }
      },
    };
  }
}

/** @param total [bytes] that the library's device has allocated. */
function bytesOf(
  { config, quantization }: MlcConfig,
  context: number,
  weights: number,
  total: number,
): SessionInfo["bytes"] {
  const { layers, kvHeads, headDim } = config;
  const kv = 2 * layers * kvHeads * headDim * context * (quantization.includes("f16") ? 2 : 4);
  return { weights, kv, scratch: Math.max(0, total - weights - kv), total };
}
