/** What a build asks of a device with either engine: bytes, limits, features, and how fast it would be. */
import { kvBytesPerToken, largestMlcBytes, scratchBytes, weightBytesRead, weightGpuBytes } from "../catalogue/memory";
import type { CatalogueModel, ModelBuild } from "../catalogue/model-facts";
import type { EngineName } from "../shared/engines";
import { WEBLLM_DEMANDS, webLlmLimits } from "../shared/webllm-limits";
import { DEFAULT_LIMITS, type FitDevice, type FitLimit } from "./device";

export interface NeededBytes {
  readonly weights: number;
  readonly kv: number;
  readonly scratch: number;
  readonly total: number;
}

export interface Needs {
  /** [tokens] What was wished for, as far as the model goes. */
  readonly contextLength: number;
  readonly bytes: NeededBytes;
  readonly needsF16: boolean;
  readonly limits: Readonly<Partial<Record<FitLimit, number>>>;
  /** [bytes] that decoding one token reads, with a quarter of the context filled. */
  readonly bytesPerToken: number;
  readonly dispatchesPerToken: number;
}

/** The context that WebLLM's own figures are for. */
const WEBLLM_CONTEXT = 4096;
/** Counted: 243 dispatches with 24 layers (version 0.2.79). Ours: five a layer and a handful. */
const DISPATCHES = { webllm: { perLayer: 10, besides: 3 }, wgsl: { perLayer: 5, besides: 5 } } as const;
/**
 * How much of the bandwidth that a plain copy reaches decoding does, without its dispatches. A guess in the middle of
 * what was measured; a measured speed takes the prediction's place as soon as there is one.
 */
const BANDWIDTH_SHARE = 0.5;

export function needsOf(model: CatalogueModel, build: ModelBuild, engine: EngineName, wishedContext: number): Needs {
  const { shape } = model;
  const contextLength = Math.min(wishedContext, model.contextLength);
  const isHalf = build.quantization.includes("f16");
  const weights = weightGpuBytes(shape, build.quantization);
  const kvPerToken = kvBytesPerToken(shape, engine === "webllm" && isHalf ? 2 : 4);
  const kv = kvPerToken * contextLength;
  const scratch =
    engine === "wgsl"
      ? scratchBytes(shape, contextLength)
      : Math.max(build.webllmBytes - weights - kvPerToken * Math.min(WEBLLM_CONTEXT, model.contextLength), 0);
  const { perLayer, besides } = DISPATCHES[engine];
  return {
    contextLength,
    bytes: { weights, kv, scratch, total: weights + kv + scratch },
    needsF16: engine === "webllm" && isHalf,
    limits:
      engine === "webllm"
        ? webLlmNeeds(Math.max(largestMlcBytes(shape, build.quantization), kv / shape.layers))
        : // Matrices are cut where they are too large for one binding; a layer's cache is not.
          bindings(Math.max(kv / shape.layers, 4 * shape.vocabulary)),
    bytesPerToken: weightBytesRead(shape, build.quantization) + (kvPerToken * contextLength) / 4,
    dispatchesPerToken: perLayer * shape.layers + besides,
  };
}

const bindings = (bytes: number) => ({ maxStorageBufferBindingSize: bytes, maxBufferSize: bytes });

/** What its largest buffer needs, and no less than what its runtime starts with. */
function webLlmNeeds(bytes: number): Needs["limits"] {
  const { maxStorageBufferBindingSize: binding, maxBufferSize: buffer } = WEBLLM_DEMANDS;
  return {
    ...WEBLLM_DEMANDS,
    maxStorageBufferBindingSize: Math.max(bytes, binding),
    maxBufferSize: Math.max(bytes, buffer),
  };
}

/** What an engine's device has of the adapter's limits. Ingle's engine opens it at WebGPU's defaults, whatever it allows. */
export function limitsFor(engine: EngineName, { limits }: FitDevice): FitDevice["limits"] {
  if (engine === "webllm") return webLlmLimits(limits);
  const least = (name: FitLimit) => Math.min(limits[name], DEFAULT_LIMITS[name]);
  return {
    maxBufferSize: least("maxBufferSize"),
    maxStorageBufferBindingSize: least("maxStorageBufferBindingSize"),
    maxStorageBuffersPerShaderStage: least("maxStorageBuffersPerShaderStage"),
    maxComputeWorkgroupStorageSize: least("maxComputeWorkgroupStorageSize"),
  };
}

/** [bytes/s] Of an adapter computed on the processor, until it is measured: 2.7 GB/s were, on two cores. */
const SOFTWARE_BANDWIDTH = 3e9;

/** [tokens/s] Undefined where the device was not measured. */
export function predictSpeed({ bytesPerToken, dispatchesPerToken }: Needs, device: FitDevice): number | undefined {
  const { dispatchCost } = device;
  const bandwidth = device.bandwidth ?? (device.isSoftware ? SOFTWARE_BANDWIDTH : undefined);
  if (bandwidth === undefined) return undefined;
  return 1 / (bytesPerToken / (bandwidth * BANDWIDTH_SHARE) + dispatchesPerToken * (dispatchCost ?? 0));
}
