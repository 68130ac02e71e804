/**
 * What is known of one file under way: which of its chunks are there, which a connection is fetching, and whether what
 * a host sends still belongs to it.
 */
import { IngleError } from "../shared/errors";
import { formatBytes, MiB } from "../shared/units";
import { listChunks, readPartial, removeChunks, writePartial, type FileKey, type PartialFile } from "./database";
import type { FileSpec, Piece } from "./model-spec";
import { Interrupted, type Answer } from "./request";

export const CHUNK_BYTES = 4 * MiB;
/** [chunks] of one request: long enough that asking costs nothing, short enough that connections end together. */
const LONGEST_SPAN = 8;
/** A host whose file is another one each time is not going to give a whole one. */
const MOST_RESTARTS = 4;

/** Chunks that one connection fetches, in order. */
export interface Span {
  readonly piece: Piece;
  /** [bytes] Where the piece begins in the file. */
  readonly offset: number;
  /** [chunks] of the file. */
  first: number;
  /** [chunks] One past the last; undefined until the file's size is known: then it is one like any other. */
  end: number | undefined;
  readonly connection: AbortController;
}

/** The host has another file now than before, or knows no ranges: the connection is to be begun again. */
export class Restarted extends Error {}

export class FileDownload {
  readonly key: FileKey;
  readonly spec: FileSpec;
  /** Chunks that are there. While repairing: that came again. */
  readonly had = new Set<number>();
  readonly spans = new Set<Span>();
  stage: "waiting" | "downloading" | "verifying" | "whole" = "waiting";
  /** Whether every chunk comes once more, to be held against what is there. */
  isRepair = false;
  /** In a row, with no chunk between them. */
  breaks = 0;
  isPaused = false;
  #file: PartialFile | undefined;
  #knowsRanges = true;
  #restarts = 0;

  private constructor(key: FileKey, spec: FileSpec) {
    this.key = key;
    this.spec = spec;
  }

  /** Finds out what is there of it. @throws IngleError "request-invalid" */
  static async open(key: FileKey, spec: FileSpec): Promise<FileDownload> {
    checkPieces(spec);
    const download = new FileDownload(key, spec);
    const known = await readPartial(key);
    const published = publishedBytes(spec);
    // Of a file whose size is published no other size is right.
    if (known?.chunkBytes === CHUNK_BYTES && (published ?? known.bytes) === known.bytes) {
      download.#file = known;
      for (const index of await listChunks(key)) download.had.add(index);
    } else {
      await removeChunks(key);
      if (published !== undefined) await download.#begin(published, undefined);
    }
    return download;
  }

  /** What is known of it; undefined until a host has said how large it is. */
  get file(): PartialFile | undefined {
    return this.#file;
  }

  /** [chunks] */
  get count(): number | undefined {
    return this.#file && Math.ceil(this.#file.bytes / this.#file.chunkBytes);
  }

  get hasAll(): boolean {
    return this.had.size === this.count;
  }

  get bytesDone(): number {
    if (this.#file === undefined) return 0;
    const { bytes, chunkBytes } = this.#file;
    const last = (this.count ?? 0) - 1;
    return this.had.size * chunkBytes - (this.had.has(last) ? chunkBytes * (last + 1) - bytes : 0);
  }

  /** Every chunk once more. */
  beginRepair(): void {
    this.isRepair = true;
    this.had.clear();
    this.stage = "downloading";
  }

  /**
   * The next chunks to ask for, and claims them; undefined where there are none that no connection is at.
   *
   * @param connections how many share what is left.
   */
  claim(connections: number): Span | undefined {
    if (this.isPaused || this.hasAll || this.stage === "verifying" || this.stage === "whole") return undefined;
    const span = this.#file === undefined ? this.#opening() : this.#gap(this.#file, connections);
    if (span === undefined) return undefined;
    this.spans.add(span);
    this.stage = "downloading";
    return span;
  }

  #opening(): Span | undefined {
    const [piece] = this.spec.pieces;
    const connection = new AbortController();
    return this.spans.size > 0 ? undefined : { piece, offset: 0, first: 0, end: undefined, connection };
  }

  #gap({ bytes, chunkBytes }: PartialFile, connections: number): Span | undefined {
    // Without ranges everything comes from the beginning, and more than one connection would bring the same.
    if (!this.#knowsRanges && this.spans.size > 0) return undefined;
    const isFree = (index: number) => !this.had.has(index) && !this.#isClaimed(index);
    const count = Math.ceil(bytes / chunkBytes);
    let first = 0;
    while (first < count && !isFree(first)) first++;
    if (first === count) return undefined;
    const { piece, offset, end: pieceEnd } = this.#pieceAt(first, bytes, chunkBytes);
    const share = Math.ceil((count - this.had.size) / (2 * connections));
    const longest = this.#knowsRanges ? Math.min(Math.max(share, 1), LONGEST_SPAN) : Infinity;
    let end = first;
    while (end < pieceEnd && end - first < longest && (isFree(end) || !this.#knowsRanges)) end++;
    return { piece, offset, first, end, connection: new AbortController() };
  }

  #isClaimed(index: number): boolean {
    for (const { first, end = Infinity } of this.spans) if (index >= first && index < end) return true;
    return false;
  }

  #pieceAt(chunk: number, bytes: number, chunkBytes: number) {
    let offset = 0;
    for (const piece of this.spec.pieces) {
      const end = offset + (piece.bytes ?? bytes);
      if (chunk * chunkBytes < end) return { piece, offset, end: Math.ceil(end / chunkBytes) };
      offset = end;
    }
    throw new IngleError("unexpected", `${this.spec.name} has no chunk ${chunk}.`);
  }

  /**
   * Holds an answer against what is known of the file, and learns from it.
   *
   * @throws Restarted; Interrupted; IngleError "source-failed"
   */
  async agree(span: Span, answer: Answer): Promise<PartialFile> {
    const { pieces, digest } = this.spec;
    const told = pieces.length === 1 ? answer.bytes : undefined;
    const published = span.piece.bytes;
    if (published !== undefined && answer.bytes !== undefined && answer.bytes !== published) {
      throw new Interrupted(
        `${this.spec.name}: the server says that it has ${answer.bytes} bytes, where ${published} are published.`,
      );
    }
    const known = this.#file;
    if (known === undefined) {
      if (told === undefined) {
        throw new IngleError("source-failed", `${this.spec.name}: its server does not say how large it is.`);
      }
      const file = await this.#begin(told, answer.etag);
      span.end = Math.min(LONGEST_SPAN, Math.ceil(told / CHUNK_BYTES));
      this.#learnRanges(span, answer);
      return file;
    }
    // Where a sum is published it decides, at the end: mirrors and CDNs name one file by many ETags.
    const hasOtherTag =
      digest === undefined && answer.etag !== undefined && known.etag !== undefined && answer.etag !== known.etag;
    if ((told !== undefined && told !== known.bytes) || hasOtherTag) {
      await this.#restart(span);
      throw new Restarted();
    }
    this.#learnRanges(span, answer);
    return known.etag === undefined && answer.etag !== undefined ? this.#begin(known.bytes, answer.etag) : known;
  }

  async #begin(bytes: number, etag: string | undefined): Promise<PartialFile> {
    this.#file = await writePartial(this.key, { bytes, chunkBytes: CHUNK_BYTES, ...(etag !== undefined && { etag }) });
    return this.#file;
  }

  /** A host that sends the whole piece whatever it is asked for is read by one connection, to the end. */
  #learnRanges(span: Span, { knowsRanges, start }: Answer): void {
    this.#knowsRanges = knowsRanges;
    if (knowsRanges) return;
    this.#endOthers(span);
    const file = this.#file;
    if (file === undefined || start > 0) return;
    span.end = this.#pieceAt(span.first, file.bytes, file.chunkBytes).end;
    span.first = span.offset / file.chunkBytes;
  }

  /** What is there is of another file. */
  async #restart(span: Span): Promise<void> {
    this.#restarts++;
    if (this.#restarts > MOST_RESTARTS) {
      throw new IngleError("source-failed", `${this.spec.name} is another file each time its host is asked for it.`);
    }
    this.#endOthers(span);
    this.#file = undefined;
    this.isRepair = false;
    this.had.clear();
    await removeChunks(this.key);
  }

  #endOthers(span: Span): void {
    for (const other of this.spans) if (other !== span) other.connection.abort(new Restarted());
  }
}

function publishedBytes({ pieces }: FileSpec): number | undefined {
  let sum = 0;
  for (const { bytes } of pieces) {
    if (bytes === undefined) return undefined;
    sum += bytes;
  }
  return sum;
}

function checkPieces({ name, pieces }: FileSpec): void {
  const wrong = pieces.find(({ url }) => !URL.canParse(url));
  if (wrong !== undefined) {
    throw new IngleError(
      "request-invalid",
      `${name} is to come from "${wrong.url.slice(0, 200)}", which is no address.`,
    );
  }
  const isCut = pieces.every(
    ({ bytes }, i) => i === pieces.length - 1 || (bytes !== undefined && bytes > 0 && bytes % CHUNK_BYTES === 0),
  );
  if (isCut && (pieces.length === 1 || pieces.at(-1)?.bytes !== undefined)) return;
  throw new IngleError(
    "request-invalid",
    `${name} is in pieces that can't be put together: all but the last have to be a multiple of ${formatBytes(CHUNK_BYTES)}.`,
  );
}
