/** Two reports side by side. Pure. */
import { formatNumber } from "../shared/units";
import { describe, type Row, type SectionId } from "./describe";
import type { CapabilityReport } from "./report";

export interface ComparedRow {
  readonly key: string;
  readonly label: string;
  /** What the first report says; undefined where it has no such row. */
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** How the second stands to the first, where both are numbers: "2 × as much". */
  readonly difference: string;
  readonly same: boolean;
}

export interface ComparedSection {
  readonly id: SectionId;
  readonly title: string;
  readonly rows: readonly ComparedRow[];
}

export function compareReports(first: CapabilityReport, second: CapabilityReport): ComparedSection[] {
  const others = new Map(describe(second).map((section) => [section.id, section]));
  return describe(first).map(({ id, title, rows }) => {
    const theirs = others.get(id)?.rows ?? [];
    const find = (list: readonly Row[], key: string) => list.find((row) => row.key === key);
    // "Not measured" of a whole section is no row that the other, measured one could lack.
    const tells = (row: Row): boolean =>
      row.reason?.code !== "not-measured" || (find(rows, row.key) !== undefined && find(theirs, row.key) !== undefined);
    const keys = [...new Set([...rows, ...theirs].filter(tells).map(({ key }) => key))];
    return { id, title, rows: keys.map((key) => compareRows(key, find(rows, key), find(theirs, key))) };
  });
}

function compareRows(key: string, a: Row | undefined, b: Row | undefined): ComparedRow {
  const same = isSame(a, b);
  return { key, label: a?.label ?? b?.label ?? key, first: a?.text, second: b?.text, same, difference: differ(a, b) };
}

function differ(a: Row | undefined, b: Row | undefined): string {
  if (isSame(a, b)) return "the same";
  if (a?.number === undefined || b?.number === undefined) {
    if (a === undefined) return "only in the other";
    if (b === undefined) return "only in this";
    if (a.reason?.code === "not-measured" && b.reason === undefined) return "measured only in the other";
    return a.reason === undefined && b.reason?.code === "not-measured" ? "measured only in this" : "differs";
  }
  if (a.number === 0 || b.number === 0) return b.number > a.number ? "more" : "less";
  const factor = b.number / a.number;
  const written = formatNumber(Math.max(factor, 1 / factor));
  const more = factor > 1;
  const words = written === "1" ? `a little ${more ? "more" : "less"}` : `${written} × ${more ? "as much" : "less"}`;
  if (a.better === undefined) return words;
  return `${words}, ${more === (a.better === "more") ? "better" : "worse"}`;
}

/** "no" the answer and "no" for want of one are not the same. */
function isSame(a: Row | undefined, b: Row | undefined): boolean {
  return a?.text === b?.text && a?.reason?.code === b?.reason?.code;
}
