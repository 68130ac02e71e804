/** The starter model as it is served: in pieces, and a manifest that says which, or why there are none. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  STARTER_PIECE_BYTES,
  type PinnedFile,
  type StarterManifest,
  type StarterMissing,
  type StarterPiece,
} from "../../src/shared/starter.ts";
import { remove, sizeOf } from "./folder.ts";

export interface Span {
  readonly path: string;
  /** Where in the file it begins, bytes. */
  readonly start: number;
  readonly bytes: number;
}

/** How the file is cut: "<file>.00", "<file>.01", … */
export function spansOf({ file, bytes }: PinnedFile, pieceBytes = STARTER_PIECE_BYTES): Span[] {
  return Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, index) => {
    const start = index * pieceBytes;
    const path = `${file}.${String(index).padStart(2, "0")}`;
    return { path, start, bytes: Math.min(pieceBytes, bytes - start) };
  });
}

/**
 * Reads the file once: makes its manifest, and writes the pieces where a folder for them is given. A file that is not
 * the pinned one leaves no pieces.
 */
export async function cut(
  path: string,
  pin: PinnedFile,
  { pieceBytes = STARTER_PIECE_BYTES, into }: { pieceBytes?: number; into?: string } = {},
): Promise<StarterManifest> {
  const size = await sizeOf(path);
  if (size === 0) return missing("is not on the machine that serves this page");
  if (size !== pin.bytes) return missing("is not whole on the machine that serves this page");

  const whole = createHash("sha256");
  const pieces: StarterPiece[] = [];
  for (const span of spansOf(pin, pieceBytes)) {
    const hash = createHash("sha256");
    await pipeline(
      createReadStream(path, { start: span.start, end: span.start + span.bytes - 1, highWaterMark: 2 ** 20 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          whole.update(chunk);
          yield chunk;
        }
      },
      into === undefined ? nowhere() : createWriteStream(join(into, span.path)),
    );
    pieces.push({ path: span.path, bytes: span.bytes, sha256: hash.digest("hex") });
  }
  if (whole.digest("hex") === pin.sha256) return { version: 1, ...pin, pieces };
  if (into !== undefined) for (const piece of pieces) await remove(join(into, piece.path));
  return missing("is damaged on the machine that serves this page");
}

function missing(what: string): StarterMissing {
  return { version: 1, missing: `The starter model ${what}. There, npm run starter fetches it before npm run build.` };
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
