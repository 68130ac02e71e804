/** Loads a model several times: the first time with everything that comes with it, looked at from all sides. */
import type { Worker } from "playwright";
import type { SessionInfo } from "../../src/engine/engine";
import { withDeadline } from "../../src/shared/deadline";
import { spreadOf } from "../../src/shared/statistics";
import type { EnginePage } from "../engine/engine-page";
import type { ModelPage } from "../engine/model-page";
import type { LoadFigures } from "./bench-report";
import { compileAlone } from "./compile-alone";
import { readGpuLog, startGpuLog, type GpuLog } from "./gpu-log";
import { repeat, STEP_LIMIT, type SeriesPlan } from "./series";
import { WorkerHeap, type HeapSample } from "./worker-heap";

interface Loading {
  readonly info: SessionInfo;
  readonly worker: Worker;
  /** Of the first load. */
  readonly log: GpuLog;
  readonly figures: LoadFigures;
}

/** Leaves the model loaded. */
export async function measureLoading(
  { browser, model }: EnginePage,
  source: Parameters<ModelPage["load"]>[0],
  series: SeriesPlan,
): Promise<Loading> {
  const worker = await model.startWorker();
  await startGpuLog(worker);
  const heap = await WorkerHeap.of(browser, worker);
  const load = () => timed(() => withDeadline(model.load(source), STEP_LIMIT, "Loading"));

  await heap.start();
  const [info, firstMs] = await load();
  const samples = await heap.stop();
  await heap.close();
  const log = await readGpuLog(worker);
  const again = await repeat(series, "Loading again", async () => {
    await model.unload();
    const [, ms] = await load();
    return ms;
  });
  const own = log.compiled.filter(({ isCandidate }) => !isCandidate);
  const compile = await repeat(series, "Compiling", () => compileAlone(browser, model.tab.url(), own));
  const figures: LoadFigures = {
    firstMs,
    again: spreadOf(again),
    compile: spreadOf(compile),
    compileBesideWeightsMs: Math.max(...own.map(({ ended }) => ended)) - Math.min(...own.map(({ begun }) => begun)),
    pipelines: own.length,
    choosingMs: log.timing && log.timing.ended - log.timing.begun,
    candidates: log.compiled.length - own.length,
    gpu: { bytes: Object.values(log.bytes).reduce((sum, bytes) => sum + bytes, 0), peakBytes: log.peakBytes },
    heap: heapFigures(samples, log.stages["tuning"] ?? Infinity),
  };
  return { info, worker, log, figures };
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

/** @param readAt When header and tokenizer were there, [ms since 1970]. */
export function heapFigures(samples: readonly HeapSample[], readAt: number): LoadFigures["heap"] {
  const start = samples[0]?.bytes ?? NaN;
  const above = (some: readonly HeapSample[]) => Math.max(...some.map(({ bytes }) => bytes)) - start;
  // The first sample from then, too: it was asked for while the tokenizer was made.
  const until = samples.findIndex(({ at }) => at >= readAt);
  return {
    peak: above(samples),
    tokenizer: above(until < 0 ? samples : samples.slice(0, until + 1)),
    after: (samples.at(-1)?.bytes ?? NaN) - start,
    samples: samples.length,
  };
}
