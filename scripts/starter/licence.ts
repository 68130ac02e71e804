/**
 * What goes with the starter model wherever it goes: the Apache licence asks for its text (section 4a) and for the
 * names of those who made the work and its changes. The text is the repository's own copy, whichever source answered.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PinnedFile } from "../../src/shared/starter.ts";

/** Byte for byte what apache.org publishes and what the wheel carries. */
const APACHE_TEXT = new URL("apache-2.0.txt", import.meta.url);

export const LICENCE_FILES = ["LICENSE", "NOTICE"] as const;

export async function licenceFile(name: (typeof LICENCE_FILES)[number], pin: PinnedFile): Promise<string> {
  return name === "LICENSE" ? readFile(APACHE_TEXT, "utf8") : notice(pin);
}

export async function writeLicence(folder: string, pin: PinnedFile): Promise<void> {
  for (const name of LICENCE_FILES) await writeFile(join(folder, name), await licenceFile(name, pin));
}

function notice({ name, file, licence, sha256 }: PinnedFile): string {
  return `${file}

The model: ${name} by Hugging Face, https://huggingface.co/HuggingFaceTB/${name}
The licence: ${licence}, whose text is in LICENSE.
Converted to GGUF and quantised by QuantFactory, https://huggingface.co/QuantFactory/${name}-GGUF
Ingle hands that file on as it is.
SHA-256 ${sha256}
`;
}
