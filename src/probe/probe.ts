/**
 * The facts: (what this browser offers) → CapabilityReport, in under three seconds, never throwing.
 * Everything it looks at is an argument, so that a test can hand it any browser. It opens no device itself:
 * that happens in the workers it is given.
 */
import { isTimeout, withDeadline } from "../shared/deadline";
import { messageOf } from "../shared/errors";
import { milliseconds } from "../shared/units";
import { explainAbsence } from "./absence";
import { probeAdapter } from "./adapters";
import { identifyBrowser, type BrowserIdentity } from "./browser";
import {
  ADAPTER_KINDS,
  isKnown,
  known,
  MEASUREMENT_NAMES,
  REPORT_KIND,
  REPORT_VERSION,
  unknown,
  type AdapterFacts,
  type AdapterKind,
  type CapabilityReport,
  type Fact,
  type WorkerKind,
} from "./report";

/** What a worker of some kind found out. Each may reject or never answer. */
export interface WorkerProbes {
  readonly device: Readonly<Record<WorkerKind, () => Promise<Fact<true>>>>;
  readonly indexedDb: () => Promise<Fact<true>>;
  readonly opfs: () => Promise<Fact<true>>;
}

export interface ProbeInputs {
  readonly gpu: GPU | undefined;
  readonly storage: StorageManager | undefined;
  readonly secureContext: boolean;
  readonly crossOriginIsolated: boolean;
  readonly userAgent: string;
  readonly workers: WorkerProbes;
  readonly now: () => Date;
}

/** The slowest fact may take this long; all run at once, so this is also what the whole takes at most. */
const FACT_LIMIT = milliseconds(2700);

export async function probe(inputs: ProbeInputs): Promise<CapabilityReport> {
  const { gpu, storage, workers } = inputs;
  const browser = identifyBrowser(inputs.userAgent);

  const [adapters, dedicatedWorker, sharedWorker, serviceWorker, estimate, persisted, indexedDb, opfs] =
    await Promise.all([
      probeAdapters(inputs, browser),
      bounded("The dedicated worker", workers.device.dedicatedWorker),
      bounded("The shared worker", workers.device.sharedWorker),
      bounded("The service worker", workers.device.serviceWorker),
      bounded("The storage estimate", async () => known(await required(storage).estimate())),
      bounded("The storage manager", async () => known(await required(storage).persisted())),
      bounded("IndexedDB", workers.indexedDb),
      bounded("The origin private file system", workers.opfs),
    ]);

  return {
    kind: REPORT_KIND,
    version: REPORT_VERSION,
    createdAt: inputs.now().toISOString(),
    browser: {
      userAgent: inputs.userAgent === "" ? unsaid : known(inputs.userAgent),
      name: said(browser.name),
      version: said(browser.version),
      system: said(browser.system),
    },
    page: { secureContext: known(inputs.secureContext), crossOriginIsolated: known(inputs.crossOriginIsolated) },
    webgpu: judgeWebGpu(inputs, browser, adapters.highPerformance, dedicatedWorker),
    adapters,
    wgslLanguageFeatures: readLanguageFeatures(gpu),
    workers: { dedicatedWorker, sharedWorker, serviceWorker },
    storage: {
      quotaBytes: fromEstimate(estimate, "quota"),
      usageBytes: fromEstimate(estimate, "usage"),
      persisted,
      indexedDb,
      opfs,
    },
    measurements: Object.fromEntries(MEASUREMENT_NAMES.map((name) => [name, notMeasured])) as Record<
      (typeof MEASUREMENT_NAMES)[number],
      typeof notMeasured
    >,
    kernelChecks: notMeasured,
  };
}

const notMeasured = unknown("not-measured", "Not measured yet.");
const unsaid = unknown("unsupported", "This browser does not say.");
const said = (text: string | undefined): Fact<string> => (text === undefined ? unsaid : known(text));

/** Runs one probe under the limit; whatever it throws becomes its reason. */
async function bounded<T>(what: string, run: () => Promise<Fact<T>>): Promise<Fact<T>> {
  try {
    return await withDeadline(run(), FACT_LIMIT, what);
  } catch (thrown) {
    return unknown(isTimeout(thrown) ? "timed-out" : "failed", messageOf(thrown));
  }
}

async function probeAdapters(
  { gpu, secureContext }: ProbeInputs,
  browser: BrowserIdentity,
): Promise<Record<AdapterKind, Fact<AdapterFacts>>> {
  const entries = ADAPTER_KINDS.map(async (kind): Promise<[AdapterKind, Fact<AdapterFacts>]> => {
    if (gpu === undefined) return [kind, explainAbsence(secureContext ? "no-api" : "insecure-context", browser)];
    return [kind, await probeAdapter(gpu, kind, browser, FACT_LIMIT)];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<AdapterKind, Fact<AdapterFacts>>;
}

/** One answer for "does WebGPU work here", with the first cause in the way from API to device. */
function judgeWebGpu(
  { gpu, secureContext }: ProbeInputs,
  browser: BrowserIdentity,
  adapter: Fact<AdapterFacts>,
  worker: Fact<true>,
): Fact<true> {
  if (gpu === undefined) return explainAbsence(secureContext ? "no-api" : "insecure-context", browser);
  if (!isKnown(adapter)) return adapter;
  if (isKnown(worker)) return worker;
  if (worker.reason.code !== "device-request-failed") return worker;
  return explainAbsence("device-request-failed", browser, worker.reason.message);
}

function readLanguageFeatures(gpu: GPU | undefined): Fact<readonly string[]> {
  try {
    const features = gpu?.wgslLanguageFeatures as Iterable<string> | undefined;
    if (features === undefined) return unknown("unsupported", "This browser does not list WGSL language features.");
    return known([...features].sort());
  } catch (thrown) {
    return unknown("failed", `Reading the WGSL language features failed: ${messageOf(thrown)}`);
  }
}

function required(storage: StorageManager | undefined): StorageManager {
  if (storage === undefined) throw new TypeError("This page has no storage manager: it was not opened securely.");
  return storage;
}

function fromEstimate(estimate: Fact<StorageEstimate>, field: "quota" | "usage"): Fact<number> {
  if (!isKnown(estimate)) return estimate;
  const value = estimate.value[field];
  return value === undefined ? unsaid : known(value);
}
