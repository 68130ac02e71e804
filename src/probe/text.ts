/** A report as plain text, for terminals. Pure. */
import { describe, SELF_EVIDENT, type Row } from "./describe";
import { isKnown, type CapabilityReport } from "./report";
import { judge } from "./verdict";

export function reportAsText(report: CapabilityReport): string {
  const { sentence, remedy, notes } = judge(report);
  const said = isKnown(report.webgpu) ? undefined : report.webgpu.reason.message;
  const head = [sentence, ...(remedy === undefined ? [] : [remedy]), ...notes.map((note) => `· ${note}`)];
  const sections = describe(report).map(({ id, title, rows }) => {
    // Lists of names that are all present read better as a paragraph than as a column of "yes".
    const isList = (id === "features" || id === "wgsl") && rows.every(({ reason }) => reason === undefined);
    const lines = isList ? [rows.map(({ label }) => label).join(", ") || "none"] : table(rows, said);
    return [title, ...lines.map((line) => `  ${line}`)].join("\n");
  });
  return [head.join("\n"), ...sections].join("\n\n");
}

/** @param said a reason given already, which is not repeated in every row. */
function table(rows: readonly Row[], said: string | undefined): string[] {
  const width = Math.max(...rows.map(({ label }) => label.length));
  return rows.map(({ label, text, detail, reason, against }) => {
    const beside = against?.text ?? detail;
    const standing = beside === undefined ? "" : ` (${beside})`;
    const why =
      reason === undefined || SELF_EVIDENT.has(reason.code) || reason.message === said ? "" : `: ${reason.message}`;
    return `${label.padEnd(width)}  ${text}${standing}${why}`;
  });
}
