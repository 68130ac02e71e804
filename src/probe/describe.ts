/**
 * A report as labelled rows of text. The page's tables, the command line and Compare are all made of these, so that
 * the same fact reads the same everywhere. Pure.
 */
import { formatBytes, formatNumber } from "../shared/units";
import { adapterName } from "./adapter-name";
import { SECTION_IDS, type SectionId } from "./sections";
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
  type MeasurementName,
  type Reason,
  type ReasonCode,
} from "./report";
import { reportWords, type ReportWords } from "./words";

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

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** @param words by default English. */
export function describe(report: CapabilityReport, words = reportWords): Section[] {
  const { adapters, workers, storage, page, browser } = report;
  const { labels } = words;
  const main = adapters.highPerformance;
  const row: MakeRow = (...facts) => makeRow(words, ...facts);
  const works = (): string => words.works;
  const readBack = (): string => words.worksReadBack;
  const yesNo = (value: boolean): string => (value ? words.yes : words.no);
  const name = (info: AdapterInfo): string => adapterName(info, words.unnamedGpu);
  const rows: Readonly<Record<SectionId, readonly Row[]>> = {
    adapter: adapterRows(main, words),
    measurements: MEASUREMENT_NAMES.map((name) => measurementRow(name, report, words)),
    kernels: kernelRows(report, words),
    workers: [
      row("dedicatedWorker", labels.dedicatedWorker, workers.dedicatedWorker, works),
      row("sharedWorker", labels.sharedWorker, workers.sharedWorker, works),
      row("serviceWorker", labels.serviceWorker, workers.serviceWorker, works),
    ],
    limits: limitRows(main, words),
    features: listRows(
      nested(main, (adapter) => adapter.features),
      labels.features,
      words,
    ),
    storage: [
      row("quota", labels.quota, storage.quotaBytes, formatBytes, (bytes) => bytes),
      row("usage", labels.usage, storage.usageBytes, formatBytes, (bytes) => bytes),
      row("persisted", labels.persisted, storage.persisted, yesNo),
      row("indexedDb", labels.indexedDb, storage.indexedDb, readBack),
      row("opfs", labels.opfs, storage.opfs, readBack),
    ],
    otherAdapters: [
      row(
        "lowPower",
        labels.lowPower,
        nested(adapters.lowPower, ({ info }) => info),
        name,
      ),
      row(
        "fallback",
        labels.fallback,
        nested(adapters.fallback, ({ info }) => info),
        name,
      ),
    ],
    page: [
      row("browser", labels.browser, browser.name, (name) =>
        [name, valueOf(browser.version)].filter(Boolean).join(" "),
      ),
      row("system", labels.system, browser.system, String),
      row("secureContext", labels.secureContext, page.secureContext, yesNo),
      row("crossOriginIsolated", labels.crossOriginIsolated, page.crossOriginIsolated, yesNo),
      row("userAgent", labels.userAgent, browser.userAgent, String),
    ],
    wgsl: listRows(report.wgslLanguageFeatures, labels.languageFeatures, words),
  };
  return SECTION_IDS.map((id) => ({ id, title: words.sections[id], rows: rows[id] }));
}

type MakeRow = <T>(
  key: string,
  label: string,
  fact: Fact<T>,
  format: (value: T) => string,
  toNumber?: (value: T) => number,
) => Row;

function makeRow<T>(
  words: ReportWords,
  key: string,
  label: string,
  fact: Fact<T>,
  format: (value: T) => string,
  toNumber?: (value: T) => number,
): Row {
  if (!isKnown(fact)) return { key, label, text: reasonWord(fact.reason, words), reason: fact.reason };
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
function reasonWord({ code }: Reason, words: ReportWords): string {
  switch (code) {
    case "not-measured":
      return words.notMeasured;
    case "not-recorded":
      return words.notKnown;
    case "unsupported":
    case "no-worker":
      return words.notOffered;
    case "timed-out":
      return words.noAnswer;
    case "stopped":
      return words.stopped;
    default:
      return words.no;
  }
}

function adapterRows(adapter: Fact<AdapterFacts>, words: ReportWords): Row[] {
  const { labels } = words;
  const info = nested(adapter, (facts) => facts.info);
  const name = makeRow(words, "name", labels.gpu, info, (info) => adapterName(info, words.unnamedGpu));
  if (!isKnown(info)) return [name];
  const said = (text: string | null): string => text || (text === null ? words.notOffered : words.notSaid);
  const { vendor, architecture, device, description, isFallbackAdapter: fallback } = info.value;
  return [
    name,
    { key: "vendor", label: labels.vendor, text: said(vendor) },
    { key: "architecture", label: labels.architecture, text: said(architecture) },
    { key: "device", label: labels.device, text: said(device) },
    { key: "description", label: labels.description, text: said(description) },
    { key: "subgroupMinSize", label: labels.subgroupSize, text: subgroupSizes(info.value, words) },
    {
      key: "isFallbackAdapter",
      label: labels.fallbackAdapter,
      text: fallback === null ? words.notSaid : fallback ? words.yes : words.no,
    },
  ];
}

function subgroupSizes({ subgroupMinSize: min, subgroupMaxSize: max }: AdapterInfo, words: ReportWords): string {
  if (min === null || max === null) return words.notSaid;
  return min === max ? words.threads(String(min)) : words.threadsBetween(String(min), String(max));
}

function limitRows(adapter: Fact<AdapterFacts>, words: ReportWords): Row[] {
  const limits = nested(adapter, (facts) => facts.limits);
  if (!isKnown(limits)) return [makeRow(words, "limits", words.labels.limits, limits, String)];
  return compareWithDefaults(limits.value).map((comparison) => ({
    key: comparison.name,
    label: comparison.name,
    text: formatLimit(comparison, comparison.value),
    number: comparison.value,
    against: { text: againstDefault(comparison, words), standing: comparison.standing },
  }));
}

function formatLimit({ definition }: Pick<LimitComparison, "definition">, value: number): string {
  return definition?.unit === "bytes" ? formatBytes(value) : formatNumber(value);
}

/** "+896 MiB, 8 × the default", "−128 B, finer than the default", "the default". */
function againstDefault(comparison: LimitComparison, words: ReportWords): string {
  const { definition, value, standing } = comparison;
  if (definition === undefined) return words.limitUnlisted;
  if (standing === "default") return words.limitDefault;
  const difference = value - definition.default;
  const signed = `${difference > 0 ? "+" : "−"}${formatLimit(comparison, Math.abs(difference))}`;
  if (definition.class === "alignment") {
    return standing === "better" ? words.limitFiner(signed) : words.limitCoarser(signed);
  }
  const factor = value / definition.default;
  if (Number.isInteger(factor * 100) && factor < 1e6) return words.limitTimes(signed, formatNumber(factor));
  return standing === "better" ? words.limitAbove(signed) : words.limitBelow(signed);
}

function listRows(list: Fact<readonly string[]>, label: string, words: ReportWords): Row[] {
  if (!isKnown(list)) return [makeRow(words, "list", label, list, String)];
  return list.value.map((name) => ({ key: name, label: name, text: words.yes }));
}

function measurementRow(name: MeasurementName, { measurements }: CapabilityReport, words: ReportWords): Row {
  const { unit, higherIsBetter } = MEASUREMENTS[name];
  const fact = measurements[name];
  const base = makeRow(
    words,
    name,
    words.measurements[name],
    fact,
    ({ median }) => `${formatNumber(median)} ${unit}`,
    ({ median }) => median,
  );
  if (!isKnown(fact)) return base;
  const { lowerQuartile, upperQuartile, samples } = fact.value;
  const detail = words.spread(String(samples), formatNumber(lowerQuartile), formatNumber(upperQuartile));
  return { ...base, better: higherIsBetter ? "more" : "less", detail };
}

function kernelRows({ kernelChecks }: CapabilityReport, words: ReportWords): Row[] {
  if (!isKnown(kernelChecks)) return [makeRow(words, "kernels", words.labels.kernels, kernelChecks, String)];
  return kernelChecks.value.map(({ kernel, result }) =>
    makeRow(words, kernel, kernel, result, (check) => kernelText(check, words)),
  );
}

/** A share of the bound beyond which a figure says nothing more. */
const FAR_BEYOND = 1000;

function kernelText({ verdict, maxError, maxErrorOverBound, outputs }: KernelCheckResult, words: ReportWords): string {
  const isRight = verdict === "pass";
  if (maxErrorOverBound > FAR_BEYOND) return words.kernelFarOff(isRight, formatNumber(outputs));
  return words.kernel(isRight, maxError.toPrecision(2), formatNumber(outputs), formatNumber(maxErrorOverBound * 100));
}
