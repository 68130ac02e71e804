/** A report's figures as rows, with the bounds that they are held to. */
import { formatBytes, formatNumber, MiB } from "../../src/shared/units";
import type { Spread } from "../../src/shared/statistics";
import type { BenchReport } from "./bench-report";

export interface Row {
  readonly label: string;
  readonly value: string;
  /** The middle half of how many runs. */
  readonly spread?: string;
  readonly bound?: Bound;
}

interface Bound {
  readonly text: string;
  readonly holds: boolean;
  /** Whether it holds or not is the same on every machine. */
  readonly everywhere: boolean;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

export function sectionsOf(report: BenchReport): readonly Section[] {
  const { where, model, loading, perToken, prefill, decode } = report;
  const isSoftware = /swiftshader/i.test(where.adapter);
  const onSoftware = (bound: Bound) => (isSoftware ? { bound } : {});
  /** The figures that issue 3 asks of a 0.5 B model. */
  const ofHalfBillion = (bound: Bound) => (isSoftware && /qwen2\.5-0\.5b/i.test(model.name) ? { bound } : {});
  const created = perToken.buffers + perToken.bindGroups + perToken.pipelines;
  const mostDispatches = 5 * model.layers + 5;
  // Of a toy, the buffers that every model needs are the most.
  const isToy = model.bytes.weights < 32 * MiB;
  const mostGpu = 1.1 * (model.bytes.weights + model.bytes.kv);

  return [
    {
      title: "Loading",
      rows: [
        { label: "first time", value: time(loading.firstMs) },
        { label: "again, kernels chosen before", value: time(loading.again.median), ...spread(loading.again, time) },
        {
          label: `compiling ${loading.pipelines} pipelines`,
          value: time(loading.compile.median),
          ...spread(loading.compile, time),
          ...onSoftware(atMost(loading.compile.median, 2000, time)),
        },
        { label: "  beside the weights, first time", value: time(loading.compileBesideWeightsMs) },
        {
          label: `choosing among ${loading.candidates} candidates`,
          value: loading.choosingMs === undefined ? "remembered" : time(loading.choosingMs),
        },
      ],
    },
    {
      title: "Memory",
      rows: [
        { label: "GPU: weights", value: formatBytes(model.bytes.weights) },
        { label: `GPU: KV cache of ${formatNumber(model.contextLength)} tokens`, value: formatBytes(model.bytes.kv) },
        {
          label: "GPU: all buffers",
          value: formatBytes(loading.gpu.bytes),
          ...(isToy ? {} : { bound: { ...atMost(loading.gpu.bytes, mostGpu, formatBytes), everywhere: true } }),
        },
        { label: "GPU: at once while loading", value: formatBytes(loading.gpu.peakBytes) },
        {
          label: "JavaScript, above start, peak",
          value: formatBytes(loading.heap.peak),
          spread: `${loading.heap.samples} samples`,
          bound: { ...atMost(loading.heap.peak, 64 * MiB, formatBytes), everywhere: true },
        },
        { label: "  of that header and tokenizer", value: formatBytes(loading.heap.tokenizer) },
        { label: "  loaded", value: formatBytes(loading.heap.after) },
      ],
    },
    {
      title: "A decoded token costs",
      rows: [
        count("dispatches", perToken.dispatches, mostDispatches),
        count("submits", perToken.submits, 1),
        count("buffers, bind groups, pipelines created", created, 0),
        count("bytes read back", perToken.bytesRead, 64),
      ],
    },
    {
      title: "Speed",
      rows: [
        ...prefill.flatMap(({ tokens, tokensPerSecond, timeToFirstTokenMs }) => [
          {
            label: `first token after a prompt of ${tokens}`,
            value: time(timeToFirstTokenMs.median),
            ...spread(timeToFirstTokenMs, time),
          },
          {
            label: `prefill, ${tokens} tokens`,
            ...rate(tokensPerSecond),
            ...ofHalfBillion(atLeast(tokensPerSecond, 8)),
          },
        ]),
        ...decode.flatMap(({ context, tokensPerSecond, bandwidthShare }) => [
          {
            label: `decode at a context of ${formatNumber(context)}`,
            ...rate(tokensPerSecond),
            ...(context === 64 ? ofHalfBillion(atLeast(tokensPerSecond, 3)) : {}),
          },
          ...(bandwidthShare === undefined
            ? []
            : [{ label: "  of the read bandwidth", value: `${formatNumber(bandwidthShare * 100)} %` }]),
        ]),
        ...(where.readBandwidth === undefined
          ? []
          : [
              {
                label: "the adapter's read bandwidth",
                value: bandwidth(where.readBandwidth.median),
                ...spread(where.readBandwidth, bandwidth),
              },
            ]),
      ],
    },
  ];
}

/** The bounds that depend on no machine and do not hold. */
export function broken(report: BenchReport): readonly Row[] {
  return sectionsOf(report)
    .flatMap(({ rows }) => rows)
    .filter(({ bound }) => bound?.everywhere === true && !bound.holds);
}

const time = (ms: number) => (ms < 1000 ? `${formatNumber(ms)} ms` : `${formatNumber(ms / 1000)} s`);
const bandwidth = (value: number) => `${formatNumber(value)} GB/s`;

function rate(spreadOfRates: Spread | undefined): Pick<Row, "value" | "spread"> {
  if (spreadOfRates === undefined) return { value: "unknown" };
  return { value: `${formatNumber(spreadOfRates.median)} tokens/s`, ...spread(spreadOfRates, formatNumber) };
}

function spread(of: Spread, format: (value: number) => string): Pick<Row, "spread"> {
  if (of.samples === 1) return { spread: "1 run" };
  return { spread: `${format(of.lowerQuartile)} – ${format(of.upperQuartile)}, ${of.samples} runs` };
}

function count(label: string, value: number, most: number): Row {
  return { label, value: formatNumber(value), bound: { ...atMost(value, most, formatNumber), everywhere: true } };
}

function atMost(value: number, most: number, format: (value: number) => string): Bound {
  return { text: `≤ ${format(most)}`, holds: value <= most, everywhere: false };
}

function atLeast(of: Spread | undefined, least: number): Bound {
  return { text: `≥ ${formatNumber(least)}`, holds: (of?.median ?? 0) >= least, everywhere: false };
}
