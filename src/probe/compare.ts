/** Two reports side by side. Pure. */
import { formatNumber } from "../shared/units";
import { describe, type Row } from "./describe";
import type { CapabilityReport } from "./report";
import type { SectionId } from "./sections";
import { reportWords, type ReportWords } from "./words";

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

/** @param words by default English. */
export function compareReports(
  first: CapabilityReport,
  second: CapabilityReport,
  words = reportWords,
): ComparedSection[] {
  const others = new Map(describe(second, words).map((section) => [section.id, section]));
  return describe(first, words).map(({ id, title, rows }) => {
    const theirs = others.get(id)?.rows ?? [];
    const find = (list: readonly Row[], key: string) => list.find((row) => row.key === key);
    // "Not measured" of a whole section is no row that the other, measured one could lack.
    const tells = (row: Row): boolean =>
      row.reason?.code !== "not-measured" || (find(rows, row.key) !== undefined && find(theirs, row.key) !== undefined);
    const keys = [...new Set([...rows, ...theirs].filter(tells).map(({ key }) => key))];
    return { id, title, rows: keys.map((key) => compareRows(key, find(rows, key), find(theirs, key), words)) };
  });
}

function compareRows(key: string, a: Row | undefined, b: Row | undefined, words: ReportWords): ComparedRow {
  const same = isSame(a, b);
  return {
    key,
    label: a?.label ?? b?.label ?? key,
    first: a?.text,
    second: b?.text,
    same,
    difference: differ(a, b, words),
  };
}

function differ(a: Row | undefined, b: Row | undefined, words: ReportWords): string {
  if (isSame(a, b)) return words.same;
  if (a?.number === undefined || b?.number === undefined) {
    if (a === undefined) return words.onlyOther;
    if (b === undefined) return words.onlyThis;
    if (a.reason?.code === "not-measured" && b.reason === undefined) return words.measuredOnlyOther;
    return a.reason === undefined && b.reason?.code === "not-measured" ? words.measuredOnlyThis : words.differs;
  }
  if (a.number === 0 || b.number === 0) return b.number > a.number ? words.more : words.less;
  const factor = b.number / a.number;
  const more = factor > 1;
  const said = timesSaid(factor, words);
  if (a.better === undefined) return said;
  return more === (a.better === "more") ? words.better(said) : words.worse(said);
}

function timesSaid(factor: number, words: ReportWords): string {
  const written = formatNumber(Math.max(factor, 1 / factor));
  if (factor > 1) return written === "1" ? words.littleMore : words.timesMore(written);
  return written === "1" ? words.littleLess : words.timesLess(written);
}

/** "no" the answer and "no" for want of one are not the same. */
function isSame(a: Row | undefined, b: Row | undefined): boolean {
  return a?.text === b?.text && a?.reason?.code === b?.reason?.code;
}
