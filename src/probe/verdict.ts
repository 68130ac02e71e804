/** What a report comes down to: one sentence, and what follows from it. Pure. */
import { adapterName, isSoftwareAdapter } from "./adapter-name";
import { nested } from "./describe";
import { isKnown, valueOf, type CapabilityReport, type ReasonCode } from "./report";
import { reportWords, type ReportWords } from "./words";

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

/** @param words by default English; the report's reasons are to be in the same language (`sayReasons`). */
export function judge(report: CapabilityReport, words = reportWords): Verdict {
  const adapter = report.adapters.highPerformance;
  const info = valueOf(nested(adapter, (facts) => facts.info));
  const notes = [...adapterNotes(report, words), ...storageNotes(report, words)];

  const wrong = valueOf(report.kernelChecks)?.filter(({ result }) => valueOf(result)?.verdict === "fail") ?? [];
  if (wrong.length > 0) {
    const kernels = wrong.map(({ kernel }) => kernel).join(", ");
    return {
      level: "no",
      sentence: words.verdictWrong(kernels),
      remedy: words.verdictWrongRemedy,
      notes,
    };
  }
  if (isKnown(report.webgpu)) {
    const name = info === undefined ? words.undescribedGpu : adapterName(info, words.unnamedGpu);
    if (info !== undefined && isSoftwareAdapter(info)) {
      return { level: "slow", sentence: words.verdictSlow(name), remedy: undefined, notes };
    }
    return { level: "yes", sentence: words.verdictYes(name), remedy: undefined, notes };
  }
  const { code, message, remedy } = report.webgpu.reason;
  if (code === "not-recorded") {
    return { level: "unknown", sentence: words.verdictNotSaid, remedy: undefined, notes };
  }
  if (NOT_FOUND_OUT.has(code)) {
    return { level: "unknown", sentence: words.verdictNotFoundOut(message), remedy, notes };
  }
  return { level: "no", sentence: words.verdictNo(message), remedy, notes };
}

/** Why it could not be found out whether WebGPU works, which is not the same as that it doesn't. */
const NOT_FOUND_OUT: ReadonlySet<ReasonCode> = new Set(["timed-out", "failed", "no-worker", "stopped"]);

function adapterNotes({ adapters: { highPerformance: adapter } }: CapabilityReport, words: ReportWords): string[] {
  const notes: string[] = [];
  const features = valueOf(nested(adapter, (facts) => facts.features));
  if (features !== undefined && !features.includes("shader-f16")) {
    notes.push(words.noteNoF16);
  }
  const limits = valueOf(nested(adapter, (facts) => facts.limits)) ?? {};
  const short = Object.entries(WEBLLM_NEEDS).some(([name, need]) => (limits[name] ?? Infinity) < need);
  if (short) notes.push(words.noteWebllm);
  return notes;
}

function storageNotes({ storage }: CapabilityReport, words: ReportWords): string[] {
  const notes: string[] = [];
  if (!isKnown(storage.indexedDb) && storage.indexedDb.reason.code === "failed") {
    notes.push(words.noteNoStorage);
  }
  return notes;
}
