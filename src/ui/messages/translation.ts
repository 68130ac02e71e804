/**
 * What a language says of that which page, command line and JSON share, and which is English where it is made: reports,
 * verdicts, errors by their codes, and what the catalogue says of models. Types only.
 */
import type { FitWords } from "../../fit/words";
import type { ReportWords } from "../../probe/words";
import type { ErrorCode } from "../../shared/errors";
import type { en } from "./en";

/** The page's own words. */
export type MessageTable = typeof en;

export interface Translation {
  readonly report: ReportWords;
  readonly fit: FitWords;
  /** What such an error means; the error's own sentence, which has its particulars, follows in English. */
  readonly errors: Readonly<Record<ErrorCode, string>>;
  /** By their English texts: models' descriptions and what their licences ask. */
  readonly catalogue: Readonly<Record<string, string>>;
}
