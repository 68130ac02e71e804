/** A GGUF model in several files, as gguf-split makes them: which is which, and whether all are there. */
import type { ByteSource } from "./byte-source";
import { readGgufHeader, type GgufHeader } from "./gguf-header";
import { Metadata } from "./gguf-metadata";
import { invalid, quoted } from "./refusals";

export interface Part {
  readonly source: ByteSource;
  readonly header: GgufHeader;
}

/** gguf-split itself writes five digits. */
const PART_NAME = /^(?<model>.*)-(?<number>\d{5})-of-(?<count>\d{5})(?:\.gguf)?$/;

/** Split models have a handful; every header may take its memory, and all are held until the model is loaded. */
export const MOST_PARTS = 64;

interface Place {
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/**
 * @param sources in any order.
 * @returns in the parts' order; the first has the metadata.
 * @throws IngleError "model-invalid" naming the parts that are missing, double or of another model; as the header's
 *   reader does.
 */
export async function readParts(sources: readonly ByteSource[], signal: AbortSignal): Promise<[Part, ...Part[]]> {
  if (sources.length > MOST_PARTS) throw invalid(sources[0]?.name ?? "", `it is one of ${sources.length} files`);
  const parts: (Part & Place)[] = [];
  for (const source of sources) {
    const header = await readGgufHeader(source, signal);
    parts.push({ source, header, ...placeOf(source, header) });
  }
  const [first, ...rest] = parts.sort((a, b) => a.number - b.number);
  if (!first) throw invalid("The model", "it has no file");
  checkComplete([first, ...rest]);
  return [first, ...rest];
}

/** What the file says of itself, or else its name. */
function placeOf(source: ByteSource, { metadata }: GgufHeader): Place {
  const split = new Metadata(source.name, metadata);
  const name = PART_NAME.exec(source.name)?.groups;
  const count = split.whole("split.count", { least: 0, most: 65_535 }, Number(name?.["count"] ?? 1));
  if (count <= 1) return { number: 1, count: 1 };
  const number = split.whole("split.no", { least: 0, most: 65_534 }, Number(name?.["number"] ?? 0) - 1) + 1;
  if (number >= 1 && number <= count) return { number, count };
  throw invalid(source.name, `it says it is part ${number} of ${count}`);
}

function checkComplete(parts: readonly [Part & Place, ...(Part & Place)[]]): void {
  const { count, source: first, header } = parts[0];
  for (const [i, part] of parts.entries()) {
    const name = part.source.name;
    const other = parts.find(({ number }, j) => j < i && number === part.number);
    if (part.count !== count || (count === 1 && other)) {
      throw invalid(name, `it does not belong together with ${quoted(first.name)}`);
    }
    if (other) throw invalid(name, `it is part ${part.number} of ${count}, as ${quoted(other.source.name)} is`);
    const [model, firstModel] = [
      PART_NAME.exec(name)?.groups?.["model"],
      PART_NAME.exec(first.name)?.groups?.["model"],
    ];
    if (model !== undefined && firstModel !== undefined && model !== firstModel) {
      throw invalid(name, `it does not belong together with ${quoted(first.name)}`);
    }
  }
  if (parts.length < count) {
    const there = new Set(parts.map(({ number }) => number));
    const missing: number[] = [];
    for (let number = 1; number <= count && missing.length < 5; number++) if (!there.has(number)) missing.push(number);
    const more = count - parts.length > missing.length ? " …" : "";
    throw invalid(first.name, `the model has ${count} parts, and of these are missing: ${missing.join(", ")}${more}`);
  }
  const tensors = parts.reduce((sum, part) => sum + part.header.tensors.length, 0);
  const claimed = new Metadata(first.name, header.metadata).number("split.tensors.count") ?? tensors;
  if (claimed !== tensors) throw invalid(first.name, `its parts have ${tensors} tensors, and should have ${claimed}`);
}
