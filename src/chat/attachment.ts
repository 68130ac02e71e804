/** A file as an attachment: text alone, of a size that a model could read. */
import { IngleError } from "../shared/errors";
import { formatBytes, KiB } from "../shared/units";
import type { Attachment } from "./message";

/** Several times what the longest contexts hold. */
const LARGEST = 1024 * KiB;
export const MOST_ATTACHMENTS = 20;

/** UTF-8, and UTF-16 with its mark, as Windows writes it. */
const MARKS = [
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
] as const;

/** @throws IngleError "file-invalid" for what is no text, too large, or can't be read. */
export async function readAttachment(file: Pick<File, "name" | "size" | "arrayBuffer">): Promise<Attachment> {
  const { name, size } = file;
  if (size > LARGEST) {
    throw invalid(
      name,
      `it has ${formatBytes(size)}, and no model here reads more than ${formatBytes(LARGEST)} of text`,
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw invalid(name, "it could not be read: was it moved, or is it a folder", cause);
  }
  const { encoding } = MARKS.find((mark) => mark.bytes.every((byte, i) => bytes[i] === byte)) ?? { encoding: "utf-8" };
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(name, "it is no text", cause);
  }
  if (text.includes("\0")) throw invalid(name, "it is no text");
  if (text.trim() === "") throw invalid(name, "it is empty");
  return { name, text };
}

function invalid(name: string, why: string, cause?: unknown): IngleError {
  return new IngleError("file-invalid", `${name} can't be attached: ${why}.`, { cause });
}
