/** What a report comes down to: one sentence, and what follows from it. Pure. */
import { adapterName, isSoftwareAdapter } from "./adapter-name";
import { nested } from "./describe";
import { isKnown, valueOf, type CapabilityReport, type ReasonCode } from "./report";

export type VerdictLevel = "yes" | "slow" | "no" | "unknown";

export interface Verdict {
  readonly level: VerdictLevel;
  readonly sentence: string;
  readonly remedy: string | undefined;
  /** What a person should know besides, each a sentence. */
  readonly notes: readonly string[];
}

/** What the compiled model libraries of WebLLM ask of an adapter (its runtime refuses to start below). */
const WEBLLM_NEEDS = { maxStorageBuffersPerShaderStage: 10, maxComputeWorkgroupStorageSize: 32_768 } as const;

export function judge(report: CapabilityReport): Verdict {
  const adapter = report.adapters.highPerformance;
  const info = valueOf(nested(adapter, (facts) => facts.info));
  const notes = [...adapterNotes(report), ...storageNotes(report)];

  const wrong = valueOf(report.kernelChecks)?.filter(({ result }) => valueOf(result)?.verdict === "fail") ?? [];
  if (wrong.length > 0) {
    const kernels = wrong.map(({ kernel }) => kernel).join(", ");
    return {
      level: "no",
      sentence: `No: this GPU gives wrong results here (${kernels}), so its answers could not be trusted.`,
      remedy: "Update the graphics driver and the browser, then check again.",
      notes,
    };
  }
  if (isKnown(report.webgpu)) {
    const name = info === undefined ? "a GPU this browser does not describe" : adapterName(info);
    if (info !== undefined && isSoftwareAdapter(info)) {
      const sentence = `Yes, but slowly: only ${name} answers, which computes on the processor and not on a GPU.`;
      return { level: "slow", sentence, remedy: undefined, notes };
    }
    return { level: "yes", sentence: `Yes: language models can run here, on ${name}.`, remedy: undefined, notes };
  }
  const { code, message, remedy } = report.webgpu.reason;
  if (code === "not-recorded") {
    const sentence = "This report does not say whether WebGPU works there.";
    return { level: "unknown", sentence, remedy: undefined, notes };
  }
  if (NOT_FOUND_OUT.has(code)) {
    return { level: "unknown", sentence: `Not found out: ${lowerFirst(message)}`, remedy, notes };
  }
  return { level: "no", sentence: `No: ${lowerFirst(message)}`, remedy, notes };
}

/** Why it could not be found out whether WebGPU works, which is not the same as that it doesn't. */
const NOT_FOUND_OUT: ReadonlySet<ReasonCode> = new Set(["timed-out", "failed", "no-worker", "stopped"]);

function adapterNotes({ adapters: { highPerformance: adapter } }: CapabilityReport): string[] {
  const notes: string[] = [];
  const features = valueOf(nested(adapter, (facts) => facts.features));
  if (features !== undefined && !features.includes("shader-f16")) {
    notes.push("No 16-bit arithmetic (shader-f16): models run in 32-bit, which is slower and takes more memory.");
  }
  const limits = valueOf(nested(adapter, (facts) => facts.limits)) ?? {};
  const short = Object.entries(WEBLLM_NEEDS).some(([name, need]) => (limits[name] ?? Infinity) < need);
  if (short) notes.push("WebLLM's compiled models need more than this GPU offers; Ingle's own engine does not.");
  return notes;
}

function storageNotes({ storage }: CapabilityReport): string[] {
  const notes: string[] = [];
  if (!isKnown(storage.indexedDb) && storage.indexedDb.reason.code === "failed") {
    notes.push("Nothing can be stored here, so a model would be downloaded anew at each visit.");
  }
  return notes;
}

/** "This browser…" inside a sentence; a name ("Chrome 120 …") keeps its capital. */
function lowerFirst(sentence: string): string {
  return /^(?:This|A|Asking|The)\b/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
