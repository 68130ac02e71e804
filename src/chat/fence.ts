/** Fences around code in Markdown. Pure. */

/** A text as a block of code that nothing inside it ends. */
export function fenced(text: string, language = ""): string {
  let longest = 0; // by a loop: a text has more runs than a call takes arguments
  for (const [run] of text.matchAll(/`+/gu)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}${text.endsWith("\n") || text === "" ? "" : "\n"}${fence}`;
}

/** The fence that a text leaves open, as that of a reply which was cut off; undefined where it leaves none. */
export function openFence(markdown: string): string | undefined {
  let open: string | undefined;
  for (const line of markdown.split(/\r\n|\n|\r/u)) {
    const found = /^ {0,3}(?<fence>`{3,}|~{3,})(?<info>.*)$/u.exec(line)?.groups;
    const fence = found?.["fence"];
    const info = found?.["info"] ?? "";
    if (fence === undefined) continue;
    // In its first line no backtick may follow a fence of backticks: that would be code within a line.
    if (open === undefined) open = fence.startsWith("`") && info.includes("`") ? undefined : fence;
    else if (fence.startsWith(open) && info.trim() === "") open = undefined;
  }
  return open;
}
