/**
 * THE main path, as a plain state machine: probe → (on request) measure. No DOM: `ui/` shows the state and calls
 * the methods, and the parts it works with are handed in.
 */
import { probe, type ProbeInputs } from "./probe/probe";
import {
  isKnown,
  known,
  MEASUREMENT_NAMES,
  unknownBecause,
  type CapabilityReport,
  type Fact,
  type MeasurementName,
} from "./probe/report";
import { IngleError } from "./shared/errors";
import { milliseconds } from "./shared/units";
import type { WorkerClient } from "./worker/client";

export type { Shell } from "./worker/service-worker-client";

export type AppState =
  | { readonly phase: "probing" }
  | { readonly phase: "probed"; readonly report: CapabilityReport }
  | { readonly phase: "measuring"; readonly report: CapabilityReport; readonly current: MeasurementStep };

/** What is being done, for progress: one of the measurements, or the kernels' self-check. */
export type MeasurementStep = MeasurementName | "kernelChecks";

/** Each step caps itself far below this; past it the worker is taken to be stuck and ended. */
const STEP_LIMIT = milliseconds(15_000);

export class App {
  #state: AppState = { phase: "probing" };
  #listeners = new Set<() => void>();
  #probing: Promise<CapabilityReport> | undefined;
  #measuring: { readonly done: Promise<void>; readonly controller: AbortController } | undefined;

  readonly #inputs: ProbeInputs;
  readonly #worker: WorkerClient;

  constructor(inputs: ProbeInputs, worker: WorkerClient) {
    this.#inputs = inputs;
    this.#worker = worker;
  }

  get state(): AppState {
    return this.#state;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The facts. Asked for twice, they are found out once. */
  probe(): Promise<CapabilityReport> {
    this.#probing ??= probe(this.#inputs).then((report) => {
      this.#enter({ phase: "probed", report });
      return report;
    });
    return this.#probing;
  }

  /** All measurements and the kernels' self-check, one after the other, each result in the state as it comes. */
  async measure(): Promise<CapabilityReport> {
    const report = await this.probe();
    if (this.#measuring === undefined && "value" in report.webgpu) {
      const controller = new AbortController();
      const done = this.#measureAll(controller.signal).finally(() => (this.#measuring = undefined));
      this.#measuring = { done, controller };
    }
    await this.#measuring?.done;
    return this.#state.phase === "probing" ? report : this.#state.report;
  }

  /** Ends a measurement under way; what was measured by then stays. */
  stopMeasuring(): void {
    this.#measuring?.controller.abort();
  }

  async #measureAll(signal: AbortSignal): Promise<void> {
    await this.#step("kernelChecks", async (report) => {
      const kernelChecks = await this.#ask(async () =>
        known(await this.#worker.call("checkKernels", null, { limit: STEP_LIMIT, endIfStuck: true, signal })),
      );
      return { ...report, kernelChecks: unlessStopped(kernelChecks, report.kernelChecks) };
    });
    for (const name of MEASUREMENT_NAMES) {
      await this.#step(name, async (report) => {
        const result = await this.#ask(() =>
          this.#worker.call("measure", { name }, { limit: STEP_LIMIT, endIfStuck: true, signal }),
        );
        const measurement = unlessStopped(result, report.measurements[name]);
        return { ...report, measurements: { ...report.measurements, [name]: measurement } };
      });
    }
    if (this.#state.phase === "measuring") this.#enter({ phase: "probed", report: this.#state.report });
  }

  async #step(current: MeasurementStep, run: (report: CapabilityReport) => Promise<CapabilityReport>): Promise<void> {
    if (this.#state.phase === "probing") throw new IngleError("unexpected", "Measuring came before probing.");
    const { report } = this.#state;
    this.#enter({ phase: "measuring", report, current });
    this.#enter({ phase: "measuring", report: await run(report), current });
  }

  /** What goes wrong in one step becomes its reason; the next step still runs. */
  async #ask<T>(request: () => Promise<Fact<T>>): Promise<Fact<T>> {
    try {
      return await request();
    } catch (thrown) {
      return unknownBecause(thrown);
    }
  }

  #enter(state: AppState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A step that was stopped leaves what an earlier run found. */
function unlessStopped<T>(result: Fact<T>, earlier: Fact<T>): Fact<T> {
  const stopped = !isKnown(result) && result.reason.code === "stopped";
  return stopped && isKnown(earlier) ? earlier : result;
}
