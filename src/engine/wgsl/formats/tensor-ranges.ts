/** Whether tensors lie where a sound file has them: inside it, and each in a place of its own. */
import type { ByteSource } from "./byte-source";
import type { ByteRange } from "./model-file";
import { invalid, quoted } from "./refusals";

export interface NamedRange {
  /** The tensor's, for messages. */
  readonly name: string;
  readonly range: ByteRange;
}

/** @throws IngleError "model-invalid" naming file and tensor. */
export function checkRanges(ranges: readonly NamedRange[], sources: readonly ByteSource[]): void {
  const ordered = [...ranges].sort((a, b) => a.range.source - b.range.source || a.range.offset - b.range.offset);
  let before: NamedRange | undefined;
  for (const { name, range } of ordered) {
    const source = sources[range.source];
    if (!source) throw new RangeError(`No source ${range.source}`); // the reader's mistake, never the file's
    const end = range.offset + range.bytes;
    if (!Number.isSafeInteger(end) || end > source.size) {
      throw invalid(
        source.name,
        `tensor ${quoted(name)} would end at byte ${end} of ${source.size}: the file is not whole, get it again`,
      );
    }
    if (before?.range.source === range.source && before.range.offset + before.range.bytes > range.offset) {
      throw invalid(source.name, `tensors ${quoted(before.name)} and ${quoted(name)} overlap`);
    }
    before = { name, range };
  }
}
