/** What is English where it is made, as the page says it. */
import type { CapabilityReport } from "../probe/report";
import { sayReasons } from "../probe/say-reasons";
import { asIngleError, messageOf, type ErrorCode } from "../shared/errors";
import { translation } from "./messages";

/**
 * In English the error's own sentence. Elsewhere what an error of its code means, and that sentence beside it: it has
 * the names and numbers.
 */
export function sayProblem(thrown: unknown): string {
  if (translation === undefined) return messageOf(thrown);
  const { code, message } = asIngleError(thrown);
  return sayCoded(code, message);
}

/** The same of an error's code and sentence. */
export function sayCoded(code: ErrorCode | undefined, sentence: string): string {
  const said = code && translation?.errors[code];
  if (said === undefined || sentence === "") return sentence;
  return code === "aborted" ? said : `${said} (${sentence})`;
}

/** What the catalogue says of a model. */
export function sayCatalogued(text: string): string {
  return translation?.catalogue[text] ?? text;
}

/** A report as it is shown; what is copied and saved is the report itself. */
export function sayReport(report: CapabilityReport): CapabilityReport {
  return translation === undefined ? report : sayReasons(report, translation.report);
}
