/**
 * A report as labelled rows of text. The page's tables, the command line and Compare are all made of these, so that
 * the same fact reads the same everywhere. Pure.
 */
import { formatBytes, formatNumber } from "../shared/units";
import { adapterName } from "./adapter-name";
import { compareWithDefaults, type LimitComparison, type Standing } from "./limits";
import {
  isKnown,
  MEASUREMENT_NAMES,
  MEASUREMENTS,
  valueOf,
  type AdapterFacts,
  type AdapterInfo,
  type CapabilityReport,
  type Fact,
  type KernelCheckResult,
  type Reason,
  type ReasonCode,
} from "./report";

export interface Row {
  /** Stable within its section: Compare pairs rows by it. */
  readonly key: string;
  readonly label: string;
  readonly text: string;
  /** What goes with the value but does not tell two devices apart: a measurement's spread. */
  readonly detail?: string;
  /** Present where there is no value; `text` is then its first words. */
  readonly reason?: Reason;
  /** Present where the value is a number that can be set against another device's. */
  readonly number?: number;
  /** Present with a number of which more, or less, is better whatever the device. */
  readonly better?: "more" | "less";
  /** Against WebGPU's default: words and sign, and the direction for colour. */
  readonly against?: { readonly text: string; readonly standing: Standing };
}

export const SECTION_IDS = [
  "adapter",
  "measurements",
  "kernels",
  "workers",
  "limits",
  "features",
  "storage",
  "otherAdapters",
  "page",
  "wgsl",
] as const;
export type SectionId = (typeof SECTION_IDS)[number];

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly rows: readonly Row[];
}

export function describe(report: CapabilityReport): Section[] {
  const { adapters, workers, storage, page, browser } = report;
  const main = adapters.highPerformance;
  return [
    { id: "adapter", title: "GPU", rows: adapterRows(main) },
    { id: "measurements", title: "Speed", rows: MEASUREMENT_NAMES.map((name) => measurementRow(name, report)) },
    { id: "kernels", title: "Kernel self-check", rows: kernelRows(report) },
    {
      id: "workers",
      title: "Where WebGPU works",
      rows: [
        row("dedicatedWorker", "Dedicated worker", workers.dedicatedWorker, works),
        row("sharedWorker", "Shared worker", workers.sharedWorker, works),
        row("serviceWorker", "Service worker", workers.serviceWorker, works),
      ],
    },
    { id: "limits", title: "Limits", rows: limitRows(main) },
    {
      id: "features",
      title: "Features",
      rows: listRows(
        nested(main, (adapter) => adapter.features),
        "Features",
      ),
    },
    {
      id: "storage",
      title: "Storage",
      rows: [
        row("quota", "Room for this site", storage.quotaBytes, formatBytes, (bytes) => bytes),
        row("usage", "Used by this site", storage.usageBytes, formatBytes, (bytes) => bytes),
        row("persisted", "Protected from eviction", storage.persisted, yesNo),
        row("indexedDb", "IndexedDB", storage.indexedDb, () => "works: written and read back"),
        row("opfs", "Origin private file system", storage.opfs, () => "works: written and read back"),
      ],
    },
    {
      id: "otherAdapters",
      title: "Other GPUs offered",
      rows: [
        row(
          "lowPower",
          "Low power",
          nested(adapters.lowPower, (adapter) => adapter.info),
          adapterName,
        ),
        row(
          "fallback",
          "Fallback",
          nested(adapters.fallback, (adapter) => adapter.info),
          adapterName,
        ),
      ],
    },
    {
      id: "page",
      title: "Browser and page",
      rows: [
        row("browser", "Browser", browser.name, (name) => [name, valueOf(browser.version)].filter(Boolean).join(" ")),
        row("system", "System", browser.system, String),
        row("secureContext", "Secure context", page.secureContext, yesNo),
        row("crossOriginIsolated", "Cross-origin isolated", page.crossOriginIsolated, yesNo),
        row("userAgent", "User agent", browser.userAgent, String),
      ],
    },
    { id: "wgsl", title: "WGSL language features", rows: listRows(report.wgslLanguageFeatures, "Language features") },
  ];
}

function row<T>(
  key: string,
  label: string,
  fact: Fact<T>,
  format: (value: T) => string,
  toNumber?: (value: T) => number,
): Row {
  if (!isKnown(fact)) return { key, label, text: reasonWord(fact.reason), reason: fact.reason };
  const text = format(fact.value);
  return toNumber === undefined ? { key, label, text } : { key, label, text, number: toNumber(fact.value) };
}

/** A fact inside a fact: the outer one's reason where there is no outer value. */
export function nested<T, U>(fact: Fact<T>, get: (value: T) => Fact<U>): Fact<U> {
  return isKnown(fact) ? get(fact.value) : fact;
}

/** Reasons whose few words say all that their sentences do. */
export const SELF_EVIDENT: ReadonlySet<ReasonCode> = new Set(["not-measured", "stopped"]);

/** The few words that stand where a value would. The whole sentence is in the reason. */
function reasonWord({ code }: Reason): string {
  switch (code) {
    case "not-measured":
      return "not measured";
    case "not-recorded":
      return "unknown";
    case "unsupported":
    case "no-worker":
      return "not offered";
    case "timed-out":
      return "no answer";
    case "stopped":
      return "stopped";
    default:
      return "no";
  }
}

const works = (): string => "works";
const yesNo = (value: boolean): string => (value ? "yes" : "no");
const saidOrEmpty = (text: string | null): string => text || (text === null ? "not offered" : "not said");

function adapterRows(adapter: Fact<AdapterFacts>): Row[] {
  const info = nested(adapter, (facts) => facts.info);
  if (!isKnown(info)) return [row("name", "GPU", info, adapterName)];
  const field = (key: keyof AdapterInfo, label: string, format: (info: AdapterInfo) => string): Row => ({
    key,
    label,
    text: format(info.value),
  });
  return [
    row("name", "GPU", info, adapterName),
    field("vendor", "Vendor", ({ vendor }) => saidOrEmpty(vendor)),
    field("architecture", "Architecture", ({ architecture }) => saidOrEmpty(architecture)),
    field("device", "Device", ({ device }) => saidOrEmpty(device)),
    field("description", "Description", ({ description }) => saidOrEmpty(description)),
    field("subgroupMinSize", "Subgroup size", subgroupSizes),
    field("isFallbackAdapter", "Fallback adapter", ({ isFallbackAdapter: fallback }) =>
      fallback === null ? "not said" : yesNo(fallback),
    ),
  ];
}

function subgroupSizes({ subgroupMinSize: min, subgroupMaxSize: max }: AdapterInfo): string {
  if (min === null || max === null) return "not said";
  return min === max ? `${min} threads` : `${min} to ${max} threads`;
}

function limitRows(adapter: Fact<AdapterFacts>): Row[] {
  const limits = nested(adapter, (facts) => facts.limits);
  if (!isKnown(limits)) return [row("limits", "Limits", limits, String)];
  return compareWithDefaults(limits.value).map((comparison) => ({
    key: comparison.name,
    label: comparison.name,
    text: formatLimit(comparison, comparison.value),
    number: comparison.value,
    against: { text: againstDefault(comparison), standing: comparison.standing },
  }));
}

function formatLimit({ definition }: Pick<LimitComparison, "definition">, value: number): string {
  return definition?.unit === "bytes" ? formatBytes(value) : formatNumber(value);
}

/** "+896 MiB, 8 × the default", "−128 B, finer than the default", "the default". */
function againstDefault(comparison: LimitComparison): string {
  const { definition, value, standing } = comparison;
  if (definition === undefined) return "not in the specification's table";
  if (standing === "default") return "the default";
  const difference = value - definition.default;
  const signed = `${difference > 0 ? "+" : "−"}${formatLimit(comparison, Math.abs(difference))}`;
  if (definition.class === "alignment")
    return `${signed}, ${standing === "better" ? "finer" : "coarser"} than the default`;
  const factor = value / definition.default;
  const times = Number.isInteger(factor * 100) && factor < 1e6 ? `${formatNumber(factor)} × the default` : "";
  return `${signed}, ${times || (standing === "better" ? "above the default" : "below the default")}`;
}

function listRows(list: Fact<readonly string[]>, label: string): Row[] {
  if (!isKnown(list)) return [row("list", label, list, String)];
  return list.value.map((name) => ({ key: name, label: name, text: "yes" }));
}

const MEASUREMENT_LABELS = {
  readBandwidth: "Memory read bandwidth",
  f32Throughput: "Arithmetic, 32-bit",
  f16Throughput: "Arithmetic, 16-bit",
  uploadRate: "Upload to the GPU",
  dispatchCost: "Cost of a dispatch",
  readbackLatency: "Submit to read-back",
} as const;

function measurementRow(name: (typeof MEASUREMENT_NAMES)[number], { measurements }: CapabilityReport): Row {
  const { unit, higherIsBetter } = MEASUREMENTS[name];
  const fact = measurements[name];
  const base = row(
    name,
    MEASUREMENT_LABELS[name],
    fact,
    ({ median }) => `${formatNumber(median)} ${unit}`,
    ({ median }) => median,
  );
  if (!isKnown(fact)) return base;
  const { lowerQuartile, upperQuartile, samples } = fact.value;
  const spread = `${formatNumber(lowerQuartile)} to ${formatNumber(upperQuartile)}`;
  return { ...base, better: higherIsBetter ? "more" : "less", detail: `middle half of ${samples} samples: ${spread}` };
}

function kernelRows({ kernelChecks }: CapabilityReport): Row[] {
  if (!isKnown(kernelChecks)) return [row("kernels", "All kernels", kernelChecks, String)];
  return kernelChecks.value.map(({ kernel, result }) => row(kernel, kernel, result, kernelText));
}

/** A share of the bound beyond which a figure says nothing more. */
const FAR_BEYOND = 1000;

function kernelText({ verdict, maxError, maxErrorOverBound, outputs }: KernelCheckResult): string {
  const head = verdict === "pass" ? "right" : "WRONG";
  const compared = `over ${formatNumber(outputs)} outputs`;
  if (maxErrorOverBound > FAR_BEYOND) return `${head}: errors ${compared} far beyond what is allowed`;
  const share = `${formatNumber(maxErrorOverBound * 100)} % of what is allowed`;
  return `${head}: largest error ${maxError.toPrecision(2)} ${compared}, ${share}`;
}
