/**
 * Reads a report that came from outside (a link, a file, the clipboard): unknown JSON in, a CapabilityReport or
 * a clear error out. Every string and list is bounded, because a hostile report is expected.
 */
import * as v from "valibot";
import { IngleError } from "../shared/errors";
import { MiB } from "../shared/units";
import {
  ADAPTER_KINDS,
  isReasonCode,
  MEASUREMENT_NAMES,
  REPORT_KIND,
  REPORT_VERSION,
  UNSEEMLY,
  unknown,
  WORKER_KINDS,
  type CapabilityReport,
  type Fact,
} from "./report";

const MAX_TEXT_CHARACTERS = MiB;

/** One line of text. */
const line = v.pipe(
  v.string(),
  v.maxLength(2000),
  v.check((text) => !UNSEEMLY.test(text), "has characters that don't belong in a report"),
);
/** valibot takes a list for an object, whose facts would then all be absent. */
const object = <E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.custom<Record<string, unknown>>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
    v.object(entries),
  );
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A newer Ingle's reason that this one does not know is still a reason: its message says which. */
const reasonCode = v.pipe(
  v.string(),
  v.maxLength(100),
  v.transform((code) => (isReasonCode(code) ? code : "failed")),
);

const reason = v.object({ code: reasonCode, message: line, remedy: v.optional(line) });

/** Absent facts are not recorded, rather than wrong: version 1 may have been written before a fact was thought of. */
const fact = <T>(value: v.GenericSchema<unknown, T>) =>
  v.optional(
    v.union([v.strictObject({ value }), v.strictObject({ reason })]),
    unknown("not-recorded", "The report does not say."),
  ) as unknown as v.GenericSchema<unknown, Fact<T>>;

/** An object with these keys, each of the same schema. */
const each = <K extends string, T>(keys: readonly K[], schema: v.GenericSchema<unknown, T>) =>
  object(Object.fromEntries(keys.map((key) => [key, schema]))) as unknown as v.GenericSchema<unknown, Record<K, T>>;

const names = v.pipe(v.array(v.pipe(line, v.maxLength(100))), v.maxLength(256));

const adapter = object({
  info: fact(
    object({
      vendor: v.nullable(line),
      architecture: v.nullable(line),
      device: v.nullable(line),
      description: v.nullable(line),
      subgroupMinSize: v.nullable(amount),
      subgroupMaxSize: v.nullable(amount),
      isFallbackAdapter: v.nullable(v.boolean()),
    }),
  ),
  features: fact(names),
  limits: fact(
    v.pipe(
      v.custom<Record<string, unknown>>((value) => !Array.isArray(value)),
      v.record(v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9]{0,99}$/)), amount),
      v.check((limits) => Object.keys(limits).length <= 256, "has more limits than WebGPU"),
    ),
  ),
});

const measurement = object({
  median: amount,
  lowerQuartile: amount,
  upperQuartile: amount,
  samples: v.pipe(amount, v.integer()),
});

const kernelCheck = object({
  kernel: line,
  result: fact(
    object({
      maxError: amount,
      maxErrorOverBound: amount,
      outputs: amount,
      verdict: v.picklist(["pass", "fail"]),
    }),
  ),
});

const schema: v.GenericSchema<unknown, CapabilityReport> = object({
  kind: v.literal(REPORT_KIND),
  version: v.literal(REPORT_VERSION),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  browser: object({ userAgent: fact(line), name: fact(line), version: fact(line), system: fact(line) }),
  page: object({ secureContext: fact(v.boolean()), crossOriginIsolated: fact(v.boolean()) }),
  webgpu: fact(v.literal(true)),
  adapters: each(ADAPTER_KINDS, fact(adapter)),
  wgslLanguageFeatures: fact(names),
  workers: each(WORKER_KINDS, fact(v.literal(true))),
  storage: object({
    quotaBytes: fact(amount),
    usageBytes: fact(amount),
    persisted: fact(v.boolean()),
    indexedDb: fact(v.literal(true)),
    opfs: fact(v.literal(true)),
  }),
  measurements: each(MEASUREMENT_NAMES, fact(measurement)),
  kernelChecks: fact(v.pipe(v.array(kernelCheck), v.maxLength(256))),
});

/** @throws IngleError "report-invalid", naming the first thing that is wrong and where. */
export function readReport(json: unknown): CapabilityReport {
  if (!isRecord(json) || json["kind"] !== REPORT_KIND) {
    throw invalid("this is not a capability report made by Ingle");
  }
  const version = json["version"];
  if (version !== REPORT_VERSION) {
    const told = typeof version === "number" ? `version ${version}` : "no version";
    throw invalid(`it has ${told}, and this page reads version ${REPORT_VERSION}`);
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`${v.getDotPath(issue)?.slice(0, 200) ?? "the report"} is not as it should be`);
}

/** Reads a report written as text, as it is copied, saved and pasted. @throws IngleError "report-invalid" */
export function readReportText(text: string): CapabilityReport {
  if (text.length > MAX_TEXT_CHARACTERS) throw invalid("it is far longer than any report");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON, or a part of it is missing", cause);
  }
  return readReport(json);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function invalid(why: string, cause?: unknown): IngleError {
  return new IngleError("report-invalid", `This report can't be read: ${why}.`, { cause });
}
