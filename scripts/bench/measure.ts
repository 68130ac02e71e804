/** The bench's course: what is measured, in which order, and how often. */
import { cpus, loadavg } from "node:os";
import type { Browser, Page } from "playwright";
import type { SessionInfo } from "../../src/engine/engine";
import { valueOf, type CapabilityReport } from "../../src/probe/report";
import { withDeadline } from "../../src/shared/deadline";
import { spreadOf, type Spread } from "../../src/shared/statistics";
import { milliseconds } from "../../src/shared/units";
import type { IngleApp } from "../../src/ui/ingle-app";
import type { EnginePage } from "../engine/engine-page";
import type { ModelPage } from "../engine/model-page";
import type { BenchReport, DecodeFigures, PrefillFigures } from "./bench-report";
import type { GpuCounts, GpuLog } from "./gpu-log";
import { readGpuLog } from "./gpu-log";
import { measureLoading } from "./loading";
import { printable } from "../printable";
import { Prompts } from "./prompts";
import { repeat, spreadOfKnown, STEP_LIMIT, type SeriesPlan } from "./series";

const PREFILL_SIZES = [64, 512];
const CONTEXTS = [64, 512, 2048];
const LONGEST_IF_QUICK = 512;
const CHECK_LIMIT = milliseconds(180_000);
/** Tokens of the two replies whose difference is what a token costs. */
const SHORT_REPLY = 8;
const LONG_REPLY = 40;

type Source = Parameters<ModelPage["load"]>[0];

export interface BenchPlan {
  readonly source: Source;
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

/** @throws IngleError as loading and generating; "timed-out" when a step does not end. */
export async function measureAll(page: EnginePage, { source, quick, say }: BenchPlan): Promise<BenchReport> {
  const { browser, model, adapter } = page;
  const before = loadAverage();
  say("Measuring the adapter's bandwidth …");
  const bandwidthBefore = await bandwidthOf(model.tab);

  const series: SeriesPlan = quick
    ? { least: 1, most: 5, patienceMs: 10_000 }
    : { least: 3, most: 7, patienceMs: 60_000 };
  say("Loading …");
  const { info, worker, log, figures: loading } = await measureLoading(page, source, series);
  const layers = Object.keys(log.bytes).filter((label) => /^layer \d+ KV cache$/.test(label)).length;
  say(`${printable(info.name)} on ${adapter}`);

  const prompts = await Prompts.for(model);
  say("Counting what a token costs …");
  const perToken = await costOfToken(prompts, () => readGpuLog(worker));

  const notes: string[] = [];
  const prefill: PrefillFigures[] = [];
  const decoded: (Omit<DecodeFigures, "bandwidthShare"> & { readonly bytesPerSecond: number | undefined })[] = [];
  let text = prompts.fresh(CONTEXTS[0] ?? 64);
  for (const context of CONTEXTS) {
    if (quick && context > LONGEST_IF_QUICK) {
      notes.push(`Decoding at a context of ${context} was left out (--quick).`);
      continue;
    }
    if (context + LONG_REPLY > info.contextLength) {
      notes.push(`A context of ${context} does not fit into this model's.`);
      continue;
    }
    if (PREFILL_SIZES.includes(context)) {
      say(`Prefill of ${context} tokens …`);
      const usages = await repeat(series, `Prefill of ${context} tokens`, () => {
        text = prompts.fresh(context);
        return prompts.prefill(text, context);
      });
      prefill.push({
        tokens: context,
        tokensPerSecond: spreadOfKnown(usages.map(({ prefillTokensPerSecond }) => prefillTokensPerSecond)),
        timeToFirstTokenMs: spreadOf(usages.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs)),
      });
    } else {
      say(`Filling the context with ${context} tokens …`);
      text = prompts.extend(text, context);
      await withDeadline(prompts.prefill(text, context), STEP_LIMIT, "Filling the context");
    }
    say(`Decoding at a context of ${context} …`);
    const usages = await repeat(series, `Decoding at ${context}`, () => prompts.decode(text, LONG_REPLY));
    const tokensPerSecond = spreadOfKnown(usages.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond));
    const tokens = usages[0]?.completionTokens ?? 0;
    const bytesPerSecond = tokensPerSecond && tokensPerSecond.median * bytesPerToken(info, log, context + tokens / 2);
    decoded.push({ context, tokens, tokensPerSecond, bytesPerSecond });
  }
  await model.unload();
  say("Measuring the adapter's bandwidth again …");
  const readBandwidth = larger(bandwidthBefore, await bandwidthOf(model.tab));
  const decode = decoded.map(({ bytesPerSecond, ...figures }) => ({
    ...figures,
    bandwidthShare: bytesPerSecond && readBandwidth && bytesPerSecond / (readBandwidth.median * 1e9),
  }));

  return {
    kind: "ingle-bench",
    version: 1,
    where: { ...machine(browser), adapter, loadAverage: { before, after: loadAverage() }, readBandwidth },
    model: { name: info.name, contextLength: info.contextLength, bytes: info.bytes, layers },
    loading,
    perToken,
    prefill,
    decode,
    notes,
  };
}

function machine(browser: Browser) {
  const processors = cpus();
  return { browser: browser.version(), processor: processors[0]?.model ?? "unknown", cores: processors.length };
}

const loadAverage = () => Math.round((loadavg()[0] ?? NaN) * 100) / 100;

async function bandwidthOf(tab: Page): Promise<Spread | undefined> {
  const making = tab.evaluate(async (): Promise<CapabilityReport> => {
    await customElements.whenDefined("ingle-app");
    const app = document.querySelector<IngleApp>("ingle-app");
    if (app === null) throw new Error("The page has no ingle-app.");
    return app.report({ measure: true });
  });
  const { measurements } = await withDeadline(making, CHECK_LIMIT, "The page's check");
  return valueOf(measurements.readBandwidth);
}

/** Whatever else the machine does takes bandwidth away, never adds any. */
function larger(a: Spread | undefined, b: Spread | undefined): Spread | undefined {
  return (a?.median ?? 0) > (b?.median ?? 0) ? a : b;
}

/** What one more token costs: a long reply's counts less a short one's, both of a prompt in the cache. */
async function costOfToken(prompts: Prompts, takeLog: () => Promise<GpuLog>): Promise<Record<keyof GpuCounts, number>> {
  const text = prompts.fresh(32);
  await prompts.decode(text, LONG_REPLY); // so many tokens a submit as it comes to
  const count = async (tokens: number) => {
    // A seed with which the reply is not ended early is looked for here.
    await prompts.decode(text, tokens);
    await takeLog();
    const { completionTokens } = await prompts.decode(text, tokens);
    const { counts } = await takeLog();
    return { counts, tokens: completionTokens };
  };
  const short = await withDeadline(count(SHORT_REPLY), STEP_LIMIT, "Counting");
  const long = await withDeadline(count(LONG_REPLY), STEP_LIMIT, "Counting");
  const tokens = long.tokens - short.tokens;
  if (tokens <= 0) throw new Error("The model ends its replies too early to count what a token costs.");
  const entries = Object.entries(long.counts) as [keyof GpuCounts, number][];
  const costs = entries.map(([name, counted]) => [name, (counted - short.counts[name]) / tokens]);
  return Object.fromEntries(costs) as Record<keyof GpuCounts, number>;
}

/** [bytes] that decoding a token reads at least: the weights, and the cache as far as it is filled. */
function bytesPerToken({ bytes, contextLength }: SessionInfo, { bytes: buffers }: GpuLog, context: number): number {
  const sumOf = (name: RegExp) =>
    Object.entries(buffers).reduce((sum, [label, size]) => sum + (name.test(label) ? size : 0), 0);
  // With a head of its own, the embedding is read a row at a time.
  const isUntied = sumOf(/^head\b/) > 0;
  const weights = bytes.weights - (isUntied ? sumOf(/^embedding\b/) : 0);
  return weights + (bytes.kv * context) / contextLength;
}
