import { describe, expect, it, vi } from "vitest";
import { App, type AppState } from "../../src/app";
import { known, MEASUREMENT_NAMES, unknown, type CapabilityReport } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import type { WorkerClient } from "../../src/worker/client";
import { fakeGpu, fakeInputs } from "../fixtures/fake-browser";

const MEASURED = known({ median: 5, lowerQuartile: 4, upperQuartile: 6, samples: 9 });
const CHECKED = [
  {
    kernel: "product q4_0",
    result: known({ maxError: 0, maxErrorOverBound: 0.1, outputs: 3, verdict: "pass" as const }),
  },
];

interface Call {
  readonly step: string;
  readonly signal: AbortSignal;
}
type Answer = (call: Call) => unknown;

const goesWell: Answer = ({ step }) => (step === "kernelChecks" ? CHECKED : MEASURED);

/** The worker's client, answering as the test says and, as the real one does, rejecting once it is stopped. */
function fakeWorker(answer: Answer = goesWell) {
  const calls: Call[] = [];
  let underWay = 0;
  let mostAtOnce = 0;
  const call = async (method: string, args: { name?: string } | null, { signal }: { signal: AbortSignal }) => {
    if (signal.aborted) throw new IngleError("aborted", "Stopped.");
    const made = { step: method === "checkKernels" ? "kernelChecks" : (args?.name ?? method), signal };
    calls.push(made);
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    try {
      await Promise.resolve();
      return await answer(made);
    } finally {
      underWay--;
    }
  };
  // The class has private fields, so nothing made by hand is one to the compiler.
  const client = { call, dispose: () => undefined } as unknown as WorkerClient;
  return { client, calls, steps: () => calls.map(({ step }) => step), mostAtOnce: () => mostAtOnce };
}

/** Every state it goes through. */
function record(app: App): AppState[] {
  const states: AppState[] = [];
  app.subscribe(() => states.push(app.state));
  return states;
}

const STEPS = ["kernelChecks", ...MEASUREMENT_NAMES];

/** An answer that waits until the step is stopped, and then ends as a stopped one does. */
const untilStopped = ({ signal }: Call) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new IngleError("aborted", "Stopped.")));
  });

describe("App.probe", () => {
  it("goes from probing to probed, and asks no worker to measure", async () => {
    const worker = fakeWorker();
    const app = new App(fakeInputs(), worker.client);
    expect(app.state).toEqual({ phase: "probing" });
    const states = record(app);
    const report = await app.probe();
    expect(states).toEqual([{ phase: "probed", report }]);
    expect(worker.calls).toEqual([]);
  });

  it("finds out once, however often it is asked", async () => {
    const requestAdapter = vi.fn(() => Promise.resolve(null));
    const app = new App(fakeInputs({ gpu: fakeGpu(requestAdapter) }), fakeWorker().client);
    const [first, second] = await Promise.all([app.probe(), app.probe()]);
    expect(second).toBe(first);
    expect(await app.probe()).toBe(first);
    expect(requestAdapter).toHaveBeenCalledTimes(3); // once for each kind of adapter
  });

  it("stops telling whoever ended the subscription", async () => {
    const app = new App(fakeInputs(), fakeWorker().client);
    const listener = vi.fn();
    app.subscribe(listener)();
    await app.probe();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("App.measure", () => {
  it("takes one step after the other, each with its result in the state before the next", async () => {
    const worker = fakeWorker();
    const app = new App(fakeInputs(), worker.client);
    const states = record(app);
    const report = await app.measure();

    expect(worker.steps()).toEqual(STEPS);
    expect(worker.mostAtOnce()).toBe(1);
    expect(report.kernelChecks).toEqual(known(CHECKED));
    for (const name of MEASUREMENT_NAMES) expect(report.measurements[name]).toEqual(MEASURED);
    expect(states.map((state) => (state.phase === "measuring" ? state.current : state.phase))).toEqual([
      "probed",
      ...STEPS.flatMap((step) => [step, step]),
      "probed",
    ]);
    expect(app.state).toEqual({ phase: "probed", report });
    const afterFirst = states[2];
    expect(afterFirst?.phase === "measuring" && afterFirst.report.kernelChecks).toEqual(known(CHECKED));
  });

  it("leaves the report it began with as it was", async () => {
    const app = new App(fakeInputs(), fakeWorker().client);
    const before = await app.probe();
    const copy = structuredClone(before);
    await app.measure();
    expect(before).toEqual(copy);
  });

  it("goes on after a step that fails, times out or has a reason of its own", async () => {
    const outcomes: Record<string, Answer> = {
      kernelChecks: () => Promise.reject(new IngleError("device-lost", "The GPU was lost.")),
      readBandwidth: () => Promise.reject(new IngleError("timed-out", "The worker did not answer within 15 s.")),
      f32Throughput: () => Promise.reject(new TypeError("not Ingle's own")),
      f16Throughput: () => unknown("unsupported", "No shader-f16."),
    };
    const worker = fakeWorker((call) => (outcomes[call.step] ?? goesWell)(call));
    const report = await new App(fakeInputs(), worker.client).measure();
    expect(worker.steps()).toEqual(STEPS);
    expect(report.kernelChecks).toEqual(unknown("failed", "The GPU was lost."));
    expect(report.measurements.readBandwidth).toEqual(unknown("timed-out", "The worker did not answer within 15 s."));
    expect(report.measurements.f32Throughput).toEqual(unknown("failed", "not Ingle's own"));
    expect(report.measurements.f16Throughput).toEqual(unknown("unsupported", "No shader-f16."));
    expect(report.measurements.readbackLatency).toEqual(MEASURED);
  });

  it("measures once for all who ask meanwhile, and anew for who asks later", async () => {
    const worker = fakeWorker();
    const app = new App(fakeInputs(), worker.client);
    const [first, second] = await Promise.all([app.measure(), app.measure()]);
    expect(second).toEqual(first);
    expect(worker.calls).toHaveLength(STEPS.length);
    await app.measure();
    expect(worker.calls).toHaveLength(2 * STEPS.length);
  });

  it("does not ask a worker for what a browser without WebGPU can't do", async () => {
    const worker = fakeWorker();
    const app = new App(fakeInputs({ gpu: undefined }), worker.client);
    const report = await app.measure();
    expect(worker.calls).toEqual([]);
    expect(app.state).toEqual({ phase: "probed", report });
  });
});

describe("App.stopMeasuring", () => {
  async function stopAt(step: string, app: App, worker: ReturnType<typeof fakeWorker>): Promise<CapabilityReport> {
    const measuring = app.measure();
    await vi.waitFor(() => expect(worker.steps().at(-1)).toBe(step));
    app.stopMeasuring();
    return measuring;
  }

  it("keeps what was measured, calls the rest stopped, and asks for nothing more", async () => {
    const worker = fakeWorker((call) => (call.step === "f32Throughput" ? untilStopped(call) : goesWell(call)));
    const app = new App(fakeInputs(), worker.client);
    const report = await stopAt("f32Throughput", app, worker);
    expect(worker.steps()).toEqual(["kernelChecks", "readBandwidth", "f32Throughput"]);
    expect(report.kernelChecks).toEqual(known(CHECKED));
    expect(report.measurements.readBandwidth).toEqual(MEASURED);
    for (const name of ["f32Throughput", "uploadRate", "readbackLatency"] as const) {
      expect(report.measurements[name]).toMatchObject({ reason: { code: "stopped" } });
    }
    expect(app.state).toEqual({ phase: "probed", report });
  });

  it("can be followed by measuring anew", async () => {
    let patient = false;
    const worker = fakeWorker((call) => (patient ? goesWell(call) : untilStopped(call)));
    const app = new App(fakeInputs(), worker.client);
    await stopAt("kernelChecks", app, worker);
    patient = true;
    expect((await app.measure()).measurements.readbackLatency).toEqual(MEASURED);
  });

  it("keeps the results of an earlier measurement when a second is stopped at once", async () => {
    let patient = true;
    const worker = fakeWorker((call) => (patient ? goesWell(call) : untilStopped(call)));
    const app = new App(fakeInputs(), worker.client);
    await app.measure();
    patient = false;
    const measuring = app.measure();
    await vi.waitFor(() => expect(worker.calls).toHaveLength(STEPS.length + 1));
    app.stopMeasuring();
    expect((await measuring).measurements.readbackLatency).toEqual(MEASURED);
  });

  it("does nothing where nothing is measured", async () => {
    const app = new App(fakeInputs(), fakeWorker().client);
    app.stopMeasuring();
    const report = await app.probe();
    app.stopMeasuring();
    expect(app.state).toEqual({ phase: "probed", report });
  });
});
