import { describe, expect, it } from "vitest";
import { readReport, readReportText } from "../../src/probe/read-report";
import { known, unknown, type CapabilityReport } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import { makeAdapter, makeReport, withChange } from "../fixtures/make-report";

const ADAPTER = "adapters.highPerformance.value";
const broken = (path: string, value: unknown) => withChange(makeReport(), path, value);
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What is thrown must be Ingle's own error, short enough to be shown. */
function refusal(json: unknown): IngleError {
  try {
    readReport(json);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(IngleError);
    const error = thrown as IngleError;
    expect(error.code).toBe("report-invalid");
    expect(error.message.length).toBeLessThan(400);
    return error;
  }
  throw new Error("It was taken for a report.");
}

/** [[[[…]]]], built as text: deeper than most recursion goes. */
const nest = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("readReport takes", () => {
  it.each<[string, CapabilityReport]>([
    ["a report of which all is known", makeReport()],
    ["no GPU", makeReport({ webgpu: unknown("no-api", "None.", "Update.") })],
    [
      "an adapter of which nothing is known",
      makeReport({
        adapters: {
          highPerformance: known({
            info: unknown("failed", "x"),
            features: unknown("failed", "x"),
            limits: unknown("failed", "x"),
          }),
          lowPower: unknown("no-adapter", "x"),
          fallback: unknown("no-adapter", "x"),
        },
      }),
    ],
    ["empty lists", makeReport({ kernelChecks: known([]), wgslLanguageFeatures: known([]) })],
    [
      "Firefox's largest limit",
      makeReport({
        adapters: {
          ...makeReport().adapters,
          highPerformance: known(makeAdapter({ limits: known({ maxBindingsPerBindGroup: 4_294_967_295 }) })),
        },
      }),
    ],
    ["other scripts", makeReport({ browser: { ...makeReport().browser, name: known("ブラウザ Ŝafari 🔥 العربية") } })],
  ])("%s, and gives it back equal", (_what, report) => {
    expect(readReport(asJson(report))).toEqual(report);
  });

  it("fields of a later Ingle, and leaves them out", () => {
    const later = { ...makeReport(), newer: { anything: true } };
    expect(readReport(asJson(later))).toEqual(makeReport());
  });

  it("a text of it with the spaces people paste", () => {
    expect(readReportText(`\n  ${JSON.stringify(makeReport(), null, 2)}  \n`)).toEqual(makeReport());
  });
});

describe("readReport reads version 1 as it may have been or may become:", () => {
  it.each(["webgpu", "adapters.fallback", "workers.sharedWorker", "measurements.dispatchCost", "kernelChecks"])(
    "%s is not recorded where it is absent",
    (path) => {
      const report = readReport(broken(path, undefined));
      const found = path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], report);
      expect(found).toEqual({ reason: { code: "not-recorded", message: "The report does not say." } });
    },
  );

  it("a reason it does not know is one that failed, with its message", () => {
    const report = readReport(broken("webgpu", { reason: { code: "because", message: "x" } }));
    expect(report.webgpu).toEqual({ reason: { code: "failed", message: "x" } });
  });
});

describe("readReport refuses what is no report:", () => {
  it.each([[null], [undefined], [7], ["text"], [[]], [{}], [[makeReport()]], [{ kind: "other" }], [() => 1]])(
    "%o",
    (json: unknown) => {
      expect(refusal(json).message).toContain("not a capability report made by Ingle");
    },
  );

  it.each([[0], [2], ["1"], [null], [1.5], [undefined], [["1"]], [[[]]], [{}], [Number.MAX_SAFE_INTEGER]])(
    "version %o",
    (version: unknown) => {
      expect(refusal({ ...makeReport(), version }).message).toContain("reads version 1");
    },
  );

  it.each([
    ["can't become a text", { toString: 1, valueOf: 1 }],
    ["has no prototype", Object.create(null)],
    ["is nested without end", JSON.parse(nest(100_000))],
    ["is a text without end", "9".repeat(1_000_000)],
  ])("a version that %s", (_what, version: unknown) => {
    expect(refusal({ ...makeReport(), version }).message).toContain("reads version 1");
  });
});

describe("readReport refuses", () => {
  it.each([
    ["createdAt", "yesterday"],
    ["createdAt", 1_700_000_000_000],
    ["createdAt", undefined],
    ["browser", undefined],
    ["browser.name", "Chrome"],
    ["browser.name", {}],
    ["browser.name", { value: 7 }],
    ["browser.name", { value: "Chrome", reason: { code: "failed", message: "both" } }],
    ["browser.name", { value: "Chrome", extra: 1 }],
    ["webgpu", { value: false }],
    ["webgpu", { value: 1 }],
    ["webgpu", true],
    ["webgpu", { reason: { code: "failed" } }],
    ["webgpu", { reason: { code: "failed", message: 7 } }],
    ["webgpu", { reason: { code: "failed", message: "x", remedy: {} } }],
    ["adapters", undefined],
    ["adapters", []],
    ["storage", []],
    ["page", undefined],
    ["kernelChecks", { value: {} }],
    [`${ADAPTER}.limits`, { value: [1, 2] }],
    [`${ADAPTER}.limits`, { value: { maxBufferSize: "1024" } }],
    [`${ADAPTER}.limits`, { value: { maxBufferSize: null } }],
    [`${ADAPTER}.limits`, { value: { "max buffer": 1 } }],
    [`${ADAPTER}.limits`, { value: { "": 1 } }],
    [`${ADAPTER}.limits`, { value: { ["m".repeat(101)]: 1 } }],
    [`${ADAPTER}.limits`, { value: { "maxBufferSize\u202e": 1 } }],
    [`${ADAPTER}.features`, { value: "shader-f16" }],
    [`${ADAPTER}.features`, { value: [7] }],
    [`${ADAPTER}.features`, { value: ["x".repeat(101)] }],
    [`${ADAPTER}.info.value.vendor`, undefined],
    [`${ADAPTER}.info.value.isFallbackAdapter`, "no"],
  ])("%s being %j", (path, value) => {
    refusal(broken(path, value));
  });

  it.each([NaN, Infinity, -Infinity, -1, -Number.MIN_VALUE, "5", null, 5n])("an amount of %s", (amount) => {
    for (const path of [
      "storage.quotaBytes.value",
      "measurements.uploadRate.value.median",
      "measurements.uploadRate.value.samples",
      `${ADAPTER}.limits.value.maxBufferSize`,
      `${ADAPTER}.info.value.subgroupMinSize`,
    ]) {
      // null is how a subgroup size says that the browser has none.
      if (amount !== null || !path.endsWith("subgroupMinSize")) refusal(broken(path, amount));
    }
  });

  it("numbers too large for JSON", () => {
    const text = JSON.stringify(makeReport()).replace('"usageBytes":{"value":2048}', '"usageBytes":{"value":1e999}');
    expect(() => readReportText(text)).toThrow(IngleError);
  });

  it.each([
    ["a line feed", "\n"],
    ["a null", "\u0000"],
    ["an escape, which terminals obey", "\u001b[2J"],
    ["a C1 control", "\u009b"],
    ["a right-to-left override", "\u202e"],
    ["an isolate", "\u2066"],
    ["a right-to-left mark", "\u200f"],
    ["an Arabic letter mark", "\u061c"],
  ])("%s in any text", (_what, character) => {
    const text = `Chrome${character}`;
    refusal(broken("browser.name", { value: text }));
    refusal(broken("webgpu", { reason: { code: "failed", message: text } }));
    refusal(broken("webgpu", { reason: { code: "failed", message: "x", remedy: text } }));
    refusal(broken(`${ADAPTER}.features`, { value: [text] }));
    refusal(broken(`${ADAPTER}.info.value.vendor`, text));
    refusal(
      broken("kernelChecks", { value: [{ kernel: text, result: { reason: { code: "failed", message: "x" } } }] }),
    );
  });

  it("texts and lists without end", () => {
    const long = "x".repeat(10 * 2 ** 20);
    const many = Array.from({ length: 10_000 }, (_, i) => `feature-${i}`);
    const started = performance.now();
    refusal(broken("browser.userAgent", { value: long }));
    refusal(broken(`${ADAPTER}.info.value.description`, long));
    refusal(broken(`${ADAPTER}.features`, { value: many }));
    refusal(broken("wgslLanguageFeatures", { value: many }));
    refusal(broken(`${ADAPTER}.limits`, { value: Object.fromEntries(many.map((_, i) => [`limit${i}`, 1])) }));
    const check = { kernel: "k", result: { reason: { code: "failed", message: "x" } } };
    refusal(broken("kernelChecks", { value: many.map(() => check) }));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("nesting without end, wherever it is", () => {
    const deep: unknown = JSON.parse(nest(100_000));
    for (const path of [
      "createdAt",
      "browser",
      "webgpu",
      "adapters",
      `${ADAPTER}.features`,
      "kernelChecks",
      "storage.opfs",
    ]) {
      refusal(broken(path, deep));
    }
  });
});

describe("a hostile key", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s changes no prototype and breaks nothing",
    (key) => {
      const text = JSON.stringify(makeReport())
        .replace('"limits":{"value":{', `"limits":{"value":{"${key}":1,`)
        .replace('"browser":{', `"${key}":{"polluted":true},"browser":{"${key}":{"value":"polluted"},`);
      expect(text).toContain("polluted");
      let read: CapabilityReport | undefined;
      try {
        read = readReportText(text);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(IngleError);
      }
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      for (const part of [read, read?.browser]) {
        if (part !== undefined) expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
        expect((part as Record<string, unknown> | undefined)?.["polluted"]).toBeUndefined();
      }
    },
  );

  it("is not repeated in the message with characters that rearrange it", () => {
    const { message } = refusal(broken(`${ADAPTER}.limits`, { value: { "\u202egnp.elpmaxe": 1, maxBufferSize: -1 } }));
    expect(message).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });
});

describe("readReport says where it went wrong", () => {
  it.each([
    ["createdAt", 7, "createdAt"],
    ["browser.name", "Chrome", "browser.name"],
    ["storage.persisted", { value: "yes" }, "storage.persisted"],
    ["measurements.dispatchCost", { value: {} }, "measurements.dispatchCost"],
  ])("in %s", (path, value, words) => {
    expect(refusal(broken(path, value)).message).toContain(words);
  });
});

describe("readReportText refuses", () => {
  it.each([[""], ["{"], ["null"], ["[]"], ["not json"], [JSON.stringify(makeReport()).slice(0, -1)], [nest(200_000)]])(
    "%.40s",
    (text) => {
      expect(() => readReportText(text)).toThrow(expect.objectContaining({ code: "report-invalid" }) as Error);
    },
  );

  it("10 MB before it parses them", () => {
    const text = `${" ".repeat(10 * 2 ** 20)}${JSON.stringify(makeReport())}`;
    expect(() => readReportText(text)).toThrow(/far longer than any report/);
  });
});
