/**
 * Quantities whose unit is in the type, and how they are written for people.
 * Plain numbers at run time: a brand costs nothing and survives JSON and the worker boundary.
 */

declare const unit: unique symbol;
type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type Milliseconds = Quantity<"ms">;

export const milliseconds = (n: number): Milliseconds => n as Milliseconds;

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

const BINARY_UNITS = [
  { size: GiB, name: "GiB" },
  { size: MiB, name: "MiB" },
  { size: KiB, name: "KiB" },
] as const;

/** "128 MiB", "1.5 GiB", "16 KiB", "256 B". Binary units, because GPU limits are powers of two. */
export function formatBytes(value: number): string {
  for (const { size, name } of BINARY_UNITS) {
    // What would round to 1,024 of the unit below is 1 of this one.
    if (Math.abs(value) >= size * (1 - 1 / 2048)) return `${formatNumber(value / size)} ${name}`;
  }
  return `${formatNumber(value)} B`;
}

let locale = "en-US";

/**
 * Numbers from here on are written as this language writes them. The page says so once; what is in a report as JSON is
 * written elsewhere: nobody says it in workers and in Node.
 */
export function writeNumbersFor(language: string): void {
  locale = language;
}

/** Three significant digits below 1000, then whole numbers in groups: "0.0312", "12.5", "65,535". */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "unknown";
  return Math.abs(value) >= 1000 || Number.isInteger(value)
    ? Math.round(value).toLocaleString(locale)
    : value.toLocaleString(locale, { maximumSignificantDigits: 3 });
}
