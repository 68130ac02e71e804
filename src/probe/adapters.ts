/** What an adapter says of itself. Asks the GPU API it is given; never throws. */
import { messageOf } from "../shared/errors";
import { isTimeout, withDeadline } from "../shared/deadline";
import type { Milliseconds } from "../shared/units";
import { explainAbsence } from "./absence";
import type { BrowserIdentity } from "./browser";
import { known, unknown, type AdapterFacts, type AdapterInfo, type AdapterKind, type Fact } from "./report";

const REQUESTS: Readonly<Record<AdapterKind, GPURequestAdapterOptions>> = {
  highPerformance: { powerPreference: "high-performance" },
  lowPower: { powerPreference: "low-power" },
  fallback: { forceFallbackAdapter: true },
};

export async function probeAdapter(
  gpu: GPU,
  kind: AdapterKind,
  browser: BrowserIdentity,
  limit: Milliseconds,
): Promise<Fact<AdapterFacts>> {
  try {
    const adapter = await withDeadline(gpu.requestAdapter(REQUESTS[kind]), limit, "The request for a GPU");
    if (adapter !== null) return known(describeAdapter(adapter));
    if (kind === "fallback") return unknown("no-adapter", "This browser offers no software adapter to fall back on.");
    return explainAbsence("no-adapter", browser);
  } catch (thrown) {
    if (isTimeout(thrown)) return unknown("timed-out", messageOf(thrown));
    return unknown("adapter-request-failed", `Asking for a GPU failed: ${messageOf(thrown)}`);
  }
}

function describeAdapter(adapter: GPUAdapter): AdapterFacts {
  return {
    info: read("adapter's description", () => describeInfo(adapter.info)),
    features: read("adapter's features", () => [...(adapter.features as unknown as Set<string>)].sort()),
    limits: read("adapter's limits", () => readLimits(adapter.limits)),
  };
}

function read<T>(what: string, get: () => T): Fact<T> {
  try {
    return known(get());
  } catch (thrown) {
    return unknown("failed", `Reading the ${what} failed: ${messageOf(thrown)}`);
  }
}

/** Safari on iOS leaves the subgroup sizes out, older browsers have no `isFallbackAdapter`. */
function describeInfo(info: GPUAdapterInfo | undefined): AdapterInfo {
  if (info === undefined) throw new TypeError("this browser's adapters have no info");
  const fields = info as Partial<GPUAdapterInfo>;
  return {
    vendor: fields.vendor ?? null,
    architecture: fields.architecture ?? null,
    device: fields.device ?? null,
    description: fields.description ?? null,
    subgroupMinSize: fields.subgroupMinSize ?? null,
    subgroupMaxSize: fields.subgroupMaxSize ?? null,
    isFallbackAdapter: fields.isFallbackAdapter ?? null,
  };
}

/** Limits are getters on the prototype, which `Object.keys` does not see and `for…in` does. */
function readLimits(limits: GPUSupportedLimits | undefined): Record<string, number> {
  if (limits === undefined) throw new TypeError("this browser's adapters have no limits");
  const read: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") read[name] = value;
  }
  return read;
}
