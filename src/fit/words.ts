/** The sentences of a verdict, in English; a page that speaks another language hands in its own. */
import type { FitLimit } from "./device";

/** Amounts and names come written. */
export const fitWords = {
  noGpu: "This browser gives no GPU to compute on.",
  needsF16: "WebLLM's build of it computes in 16 bits; this adapter has no shader-f16.",
  hasF16: "WebLLM's build of it needs shader-f16, a WebGPU feature that this adapter has.",
  /** With Ingle's engine. */
  limits: {
    maxBufferSize: (needed, allowed) => `Needs one buffer of ${needed}; Ingle gets ${allowed} here.`,
    maxStorageBufferBindingSize: (needed, allowed) => `Needs one binding of ${needed}; Ingle gets ${allowed} here.`,
    maxStorageBuffersPerShaderStage: (needed, allowed) =>
      `Needs ${needed} storage buffers in a shader; Ingle gets ${allowed} here.`,
    maxComputeWorkgroupStorageSize: (needed, allowed) =>
      `Needs ${needed} of workgroup memory; Ingle gets ${allowed} here.`,
  } as Readonly<Record<FitLimit, LimitSentence>>,
  webllmLimits: {
    maxBufferSize: (needed, allowed) => `WebLLM would get buffers of ${allowed} here; it needs ${needed}.`,
    maxStorageBufferBindingSize: (needed, allowed) =>
      `WebLLM would get bindings of ${allowed} here; it needs ${needed}.`,
    maxStorageBuffersPerShaderStage: (needed, allowed) =>
      `WebLLM needs ${needed} storage buffers in a shader; this adapter allows ${allowed}.`,
    maxComputeWorkgroupStorageSize: (needed, allowed) =>
      `WebLLM needs ${needed} of workgroup memory; this adapter allows ${allowed}.`,
  } as Readonly<Record<FitLimit, LimitSentence>>,
  triedInVain: (engine: string) => `${engine} was tried here and did not run it.`,
  disk: (download: string, left: string) =>
    `Its download has ${download}; this browser keeps ${left} more for this site.`,
  diskUnknown: (download: string) =>
    `Its download has ${download}; how much this browser would keep for this site is not known.`,

  memoryUnknown: (needed: string) => `Needs ${needed}; how much this GPU has is not known until it is rehearsed.`,
  memoryRoom: (needed: string, has: string) => `Needs ${needed}; there is room for ${has}.`,
  memoryTight: (needed: string, has: string) => `Needs ${needed} of ${has}: little is left for anything else.`,
  memoryPerhaps: (needed: string, has: string) =>
    `Needs ${needed}; ${has} are known to be there, and more is not known until it is rehearsed.`,

  speedUnknown: "How fast it would be is not known until this GPU is measured.",
  speed: (rate: string, isMeasured: boolean) => `${answers(isMeasured)} ${rate} tokens/s.`,
  speedSlow: (rate: string, isMeasured: boolean, wished: string, isReading: boolean) =>
    `${answers(isMeasured)} ${rate} tokens/s, slower than ${wished}, which ${wish(isReading)}.`,

  takeLargestUnmeasured: (model: string) =>
    `${model} is the largest that fits with room. How fast it would answer is not known until this GPU is measured.`,
  takeLargest: (model: string, isReading: boolean) =>
    `${model} is the largest that fits with room and answers ${isReading ? "faster than people read" : "as fast as you set"}.`,
  takeFastest: (model: string, isReading: boolean) =>
    `${model} is the fastest that fits; none here answers as fast as ${isReading ? "people read" : "you set"}.`,
  takeTight: (model: string) => `${model} is the smallest, and all there is room for: close what else uses the GPU.`,
  takeAsTry: (model: string) =>
    `${model} is a fair try: how much memory this GPU has is not known. A rehearsal before the download tells.`,
  takeSmallest: (model: string) => `${model} is the smallest: whether there is room for it a rehearsal tells.`,
  notLarger: (model: string, reason: string) => `Not ${model}: ${lowerFirst(reason)}`,
  notSmaller: (model: string, times: string | undefined) =>
    `Not ${model}: it is ${times === undefined ? "smaller" : `about ${times} times as fast`}, and answers less well.`,

  engineChosen: (engine: string) => `${engine}, as you chose.`,
  engineOnly: (engine: string, build: string) => `${engine}: no other engine runs ${build}.`,
  engineOtherCannot: (engine: string, other: string, why: string) =>
    `${engine}. ${other} can't run this build here: ${why}`,
  engineNoLibrary: (engine: string, other: string) =>
    `${engine}: it was got without ${other}'s library. Remove it and get it again to have that, too.`,
  engineLessRoom: (engine: string, other: string, why: string) => `${engine}. With ${other} there is less room: ${why}`,
  engineMeasured: (engine: string, rate: string, other: string, otherRate: string) =>
    `${engine}: measured here, it gives ${rate} tokens/s, ${other} ${otherRate}.`,
  engineCompiled: (engine: string) =>
    `${engine}, whose code is compiled for this model. Compare the engines once it is here.`,
};

export type FitWords = typeof fitWords;
type LimitSentence = (needed: string, allowed: string) => string;

function answers(isMeasured: boolean): string {
  return isMeasured ? "Answers with" : "Would answer with about";
}

function wish(isReading: boolean): string {
  return isReading ? "people read at" : "you set";
}

function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z]+ /.test(sentence) && !sentence.startsWith("WebLLM")
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}
