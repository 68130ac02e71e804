/** What templates, written for Python, expect of Python's text functions where JavaScript's own differ. */

/** What str.strip() strips. JavaScript's trim() takes U+FEFF too, and leaves U+001C to U+001F and U+0085. */
const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const SPACES: ReadonlySet<string> = new Set(
  Array.from({ length: 0x3001 }, (_, unit) => String.fromCharCode(unit)).filter((unit) =>
    new RegExp(`[${SPACE}]`).test(unit),
  ),
);

export type StripName = "strip" | "lstrip" | "rstrip";

export function isStripName(name: string): name is StripName {
  return name === "strip" || name === "lstrip" || name === "rstrip";
}

/** @param characters What to strip, each by itself; white space where undefined. */
export function strip(text: string, name: StripName, characters?: string): string {
  const set = characters === undefined ? SPACES : new Set(characters);
  let from = 0;
  let to = text.length;
  if (name !== "rstrip") while (from < to && set.has(text.charAt(from))) from++;
  if (name !== "lstrip") while (to > from && set.has(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

const MONTHS = "January,February,March,April,May,June,July,August,September,October,November,December".split(",");
const DAYS = "Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday".split(",");

/** The local time as strftime writes it, in English whatever the browser speaks: models were trained on that. */
export function strftime(date: Date, format: string): string {
  const month = MONTHS[date.getMonth()] ?? "";
  const day = DAYS[date.getDay()] ?? "";
  const hour12 = date.getHours() % 12 || 12;
  const numbers: Readonly<Record<string, readonly [number, number]>> = {
    Y: [date.getFullYear(), 4],
    y: [date.getFullYear() % 100, 2],
    m: [date.getMonth() + 1, 2],
    d: [date.getDate(), 2],
    H: [date.getHours(), 2],
    I: [hour12, 2],
    M: [date.getMinutes(), 2],
    S: [date.getSeconds(), 2],
  };
  const words: Readonly<Record<string, string>> = {
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    p: date.getHours() < 12 ? "AM" : "PM",
    "%": "%",
  };
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, dash: string, letter: string) => {
    const number = numbers[letter];
    if (number === undefined) return words[letter] ?? whole;
    return dash === "-" ? String(number[0]) : String(number[0]).padStart(number[1], "0");
  });
}
