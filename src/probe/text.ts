/** A report as plain text, for terminals. Pure. */
import { describe, type Row } from "./describe";
import type { CapabilityReport } from "./report";
import { judge } from "./verdict";

export function reportAsText(report: CapabilityReport): string {
  const { sentence, remedy, notes } = judge(report);
  const head = [sentence, ...(remedy === undefined ? [] : [remedy]), ...notes.map((note) => `· ${note}`)];
  const sections = describe(report).map(({ id, title, rows }) => {
    // Lists of names that are all present read better as a paragraph than as a column of "yes".
    const isList = (id === "features" || id === "wgsl") && rows.every(({ reason }) => reason === undefined);
    const lines = isList ? [rows.map(({ label }) => label).join(", ") || "none"] : table(rows);
    return [title, ...lines.map((line) => `  ${line}`)].join("\n");
  });
  return [head.join("\n"), ...sections].join("\n\n");
}

function table(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(({ label }) => label.length));
  return rows.map(({ label, text, reason, against }) => {
    const rest = reason === undefined ? (against === undefined ? "" : ` (${against.text})`) : `: ${reason.message}`;
    return `${label.padEnd(width)}  ${text}${rest}`;
  });
}
