/** How fast this GPU was found to be, and models on it: remembered for each adapter in this browser. */
import * as v from "valibot";
import { deviceOf, type FitDevice } from "../fit/device";
import { valueOf, type CapabilityReport } from "../probe/report";
import type { EngineName } from "../shared/engines";

const KEY = "ingle.speeds";
/** Beyond these the ones measured longest ago go: a laptop has two GPUs, and drivers change what they call them. */
const MAX_ADAPTERS = 8;
const MAX_MODELS = 200;

const rate = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15));
const speedsSchema = v.partial(v.object({ webllm: rate, wgsl: rate }));
const adapterSchema = v.object({
  /** [bytes/s] */
  bandwidth: v.optional(rate),
  /** [s] of one dispatch. */
  dispatchCost: v.optional(rate),
  /** [tokens/s] As measured on purpose, by model and engine; 0 where it was tried and did not run. */
  models: v.record(v.string(), speedsSchema),
  /** [tokens/s] The best that replies had since; 0 where there was none. */
  replies: v.optional(v.record(v.string(), speedsSchema)),
});
const schema = v.record(v.string(), adapterSchema);
type AdapterSpeeds = v.InferOutput<typeof adapterSchema>;

export type MeasuredSpeeds = Readonly<v.InferOutput<typeof speedsSchema>>;

/** What a report says of the GPU, less what a new version of the browser changes. */
export function adapterKey({ adapters }: CapabilityReport): string {
  const adapter = valueOf(adapters.highPerformance);
  const info = adapter && valueOf(adapter.info);
  const said = [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean);
  return said.length === 0 ? "unnamed" : said.join(" ").slice(0, 200);
}

export class SpeedMemory {
  readonly #storage: () => Pick<Storage, "getItem" | "setItem">;
  readonly #adapter: string;
  #own: AdapterSpeeds;

  /** @param storage a function, as blocked storage throws at the mention of `localStorage`. */
  constructor(storage: () => Pick<Storage, "getItem" | "setItem">, adapter: string) {
    this.#storage = storage;
    this.#adapter = adapter;
    this.#own = this.#readAll()[adapter] ?? { models: {} };
  }

  /** What a report says of the device, and where it was not measured on this visit, what was on an earlier one. */
  deviceOf(report: CapabilityReport): FitDevice {
    const device = deviceOf(report);
    const { bandwidth, dispatchCost } = device;
    if (bandwidth !== undefined) {
      this.#change((own) => ({ ...own, bandwidth, ...(dispatchCost !== undefined && { dispatchCost }) }));
    }
    return { ...device, bandwidth: this.#own.bandwidth, dispatchCost: this.#own.dispatchCost };
  }

  /** @param model a build's id in the catalogue, or else the store's. */
  readonly of = (model: string): MeasuredSpeeds => this.#own.models[model] ?? {};

  /** The same, and where an engine was not measured on purpose, its best reply: of any length, so nothing goes by that. */
  readonly seen = (model: string): MeasuredSpeeds => {
    const measured = this.of(model);
    const replies = Object.entries(this.#own.replies?.[model] ?? {}) as [EngineName, number][];
    return { ...measured, ...Object.fromEntries(replies.filter(([engine, rate]) => rate > 0 && !measured[engine])) };
  };

  /** @param tokensPerSecond 0 where it did not run. */
  note(model: string, engine: EngineName, tokensPerSecond: number): void {
    this.#change((own) => ({
      ...own,
      models: withSpeed(own.models, model, engine, () => tokensPerSecond),
      replies: withSpeed(own.replies ?? {}, model, engine, () => 0),
    }));
  }

  noteReply(model: string, engine: EngineName, tokensPerSecond: number): void {
    const best = (before = 0) => Math.max(before, tokensPerSecond); // a long conversation slows each of its replies
    this.#change((own) => ({ ...own, replies: withSpeed(own.replies ?? {}, model, engine, best) }));
  }

  forget(): void {
    this.#own = { models: {} };
    this.#write({});
  }

  /** Read anew each time: another tab may have measured something meanwhile. */
  #change(change: (own: AdapterSpeeds) => AdapterSpeeds): void {
    const { [this.#adapter]: own, ...others } = this.#readAll();
    this.#own = change(own ?? this.#own);
    const kept = Object.entries(others).slice(-(MAX_ADAPTERS - 1));
    this.#write({ ...Object.fromEntries(kept), [this.#adapter]: this.#own });
  }

  #readAll(): v.InferOutput<typeof schema> {
    try {
      return v.parse(schema, JSON.parse(this.#storage().getItem(KEY) ?? "{}"));
    } catch {
      return {}; // blocked or broken: it is measured again
    }
  }

  #write(all: v.InferOutput<typeof schema>): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify(all));
    } catch {
      // it holds until the page is left
    }
  }
}

function withSpeed(
  all: AdapterSpeeds["models"],
  model: string,
  engine: EngineName,
  next: (before: number | undefined) => number,
): AdapterSpeeds["models"] {
  const { [model]: speeds, ...others } = all;
  const kept = Object.entries(others).slice(-(MAX_MODELS - 1));
  return { ...Object.fromEntries(kept), [model]: { ...speeds, [engine]: next(speeds?.[engine]) } };
}
