/** A report for people. */
import { formatNumber } from "../../src/shared/units";
import { printable } from "../printable";
import type { BenchReport } from "./bench-report";
import { sectionsOf, type Row } from "./figures";

export function reportAsTable(report: BenchReport): string {
  const { where, model, notes } = report;
  const { before, after } = where.loadAverage;
  const head = [
    `${printable(model.name)} on ${where.adapter}`,
    `Chromium ${where.browser}; ${where.cores} × ${where.processor}; load average ${before} before, ${after} after`,
    `context ${formatNumber(model.contextLength)}; temperature, top-k, top-p, min-p and all penalties on; medians with quartiles`,
  ];
  const sections = sectionsOf(report);
  const rows = sections.flatMap(({ rows }) => rows);
  const width = (of: (row: Row) => string) => Math.max(...rows.map((row) => of(row).length));
  const widths = [width(({ label }) => label), width(({ value }) => value), width(({ spread = "" }) => spread)];
  const line = ({ label, value, spread = "", bound }: Row) =>
    [
      `  ${label.padEnd(widths[0] ?? 0)}`,
      value.padStart(widths[1] ?? 0),
      spread.padEnd(widths[2] ?? 0),
      bound === undefined ? "" : `${bound.text}${bound.holds ? "" : "  MISSED"}`,
    ]
      .join("  ")
      .trimEnd();
  return [
    head.join("\n"),
    ...sections.map(({ title, rows }) => [title, ...rows.map(line)].join("\n")),
    ...(notes.length === 0 ? [] : [notes.join("\n")]),
  ].join("\n\n");
}
