/**
 * A report with its reasons in another language, for showing: what is exported and compared by programs stays English.
 * Pure.
 */
import { explainAbsence, isAbsence } from "./absence";
import type { BrowserIdentity } from "./browser";
import { valueOf, type CapabilityReport, type Reason } from "./report";
import type { ReportWords } from "./words";

export function sayReasons(report: CapabilityReport, words: ReportWords): CapabilityReport {
  const { name, version, system } = report.browser;
  const browser = { name: valueOf(name), version: valueOf(version), system: valueOf(system) };
  return withReasons(report, (reason) => sayReason(reason, browser, words));
}

function sayReason(reason: Reason, browser: BrowserIdentity, words: ReportWords): Reason {
  const { code, message, remedy } = reason;
  const said = words.reasons[code];
  if (said === undefined) return reason;
  // Those that follow from the browser are all in the language; others have their particulars in English.
  if (isAbsence(code) && remedy !== undefined) {
    const explained = explainAbsence(code, browser, "", words.absence).reason;
    return code === "device-request-failed"
      ? { ...explained, message: `${explained.message} (${message})` }
      : explained;
  }
  return { code, message: SELF_CONTAINED.has(code) ? said : `${said} (${message})` };
}

/** Nothing of their own in their sentences. */
const SELF_CONTAINED: ReadonlySet<Reason["code"]> = new Set(["stopped", "not-measured", "not-recorded"]);

/** Every fact of the report that has a reason in place of a value, with that as `say` gives it. */
function withReasons<T>(part: T, say: (reason: Reason) => Reason): T {
  if (Array.isArray(part)) return part.map((each: unknown) => withReasons(each, say)) as T;
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    key === "reason" ? say(value as Reason) : withReasons(value, say),
  ]);
  return Object.fromEntries(entries) as T;
}
