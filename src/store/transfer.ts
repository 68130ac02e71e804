/** Fetches all that is missing of a model's files, over several connections, whatever breaks on the way. */
import { abortedError, IngleError, throwIfAborted } from "../shared/errors";
import type { Bytes } from "../shared/take-bytes";
import { backoff, type Clock } from "./clock";
import { Connections } from "./connections";
import { readChunk, writeChunk } from "./database";
import { ChunkBuffers, fetchSpan } from "./fetch-span";
import { Restarted, type FileDownload, type Span } from "./file-download";
import { hashChunk } from "./hash";
import { Interrupted } from "./request";
import { Speed } from "./speed";

/** In a row, with no chunk of the file between them: half a minute, of a host that never sent a byte. */
const MOST_BREAKS_AT_FIRST = 6;
/** Four minutes: a lift, a tunnel, a router that starts again. */
const MOST_BREAKS = 16;

export interface TransferOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Something changed that people may want to see. */
  onChange(): void;
  /** All chunks are there: says whether they are what they should be, or begins the file's repair. */
  whenWhole(file: FileDownload): Promise<void>;
}

export class Transfer {
  readonly #files: readonly FileDownload[];
  readonly #options: TransferOptions;
  readonly #connections = new Connections();
  readonly #buffers = new ChunkBuffers();
  readonly #speed = new Speed(performance.now());
  /** Ends what is still running after the first error that nothing can be done about. */
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  /** Files that have all their chunks are checked one after the other. */
  #checking = Promise.resolve();
  #received = 0;
  #wake: () => void = () => undefined;

  constructor(files: readonly FileDownload[], options: TransferOptions) {
    this.#files = files;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
  }

  /** [bytes/s] */
  get speed(): number {
    return this.#speed.measure(performance.now());
  }

  /** @throws IngleError "aborted"; "source-failed" when a host refuses or breaks off again and again; as `whenWhole`. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    try {
      while (!this.#files.every(({ stage }) => stage === "whole")) {
        throwIfAborted(signal);
        if (this.#failure.signal.aborted) throw this.#failure.signal.reason;
        const changed = new Promise<void>((resolve) => (this.#wake = resolve));
        this.#begin();
        await changed;
      }
    } finally {
      this.#failure.abort(abortedError());
      // Nothing may be written after it ended: whoever comes next counts on what is there.
      while (this.#running.size > 0) await Promise.allSettled(this.#running);
    }
  }

  #begin(): void {
    for (const file of this.#files) {
      if (file.hasAll && (file.stage === "waiting" || file.stage === "downloading") && file.spans.size === 0) {
        this.#check(file);
      }
    }
    for (const file of this.#files) {
      for (;;) {
        if (this.#open >= this.#connections.limit) return;
        const span = file.claim(this.#connections.limit);
        if (span === undefined) break;
        this.#start(this.#fetch(file, span));
      }
    }
  }

  get #open(): number {
    let open = 0;
    for (const { spans } of this.#files) open += spans.size;
    return open;
  }

  #check(file: FileDownload): void {
    file.stage = "verifying";
    this.#checking = this.#checking.then(() => this.#options.whenWhole(file));
    this.#start(this.#checking);
  }

  /** Its error, if it ends with one, ends everything. */
  #start(work: Promise<void>): void {
    const settled = work.catch((thrown: unknown) => this.#failure.abort(thrown));
    const running = settled.then(() => {
      this.#running.delete(running);
      this.#options.onChange();
      this.#wake();
    });
    this.#running.add(running);
  }

  async #fetch(file: FileDownload, span: Span): Promise<void> {
    try {
      await fetchSpan(file, span, {
        stallAfter: this.#options.clock.stallAfter,
        buffers: this.#buffers,
        signal: this.#signal,
        take: (index, bytes) => this.#take(file, span, index, bytes),
        onBytes: (count) => this.#count(count),
      });
    } catch (thrown) {
      if (thrown instanceof Restarted) return;
      if (!(thrown instanceof Interrupted)) throw thrown;
      await this.#recover(file, span, thrown);
    } finally {
      file.spans.delete(span);
    }
  }

  async #take(file: FileDownload, { connection }: Span, index: number, bytes: Bytes): Promise<void> {
    if (file.had.has(index)) return; // a host without ranges sends it all
    const digest = await hashChunk(bytes);
    const isThere = file.isRepair && (await readChunk(file.key, index))?.digest === digest;
    // Asked just before the write is begun: what is removed because the file is another one stays removed.
    throwIfAborted(connection.signal);
    if (!isThere) await writeChunk(file.key, index, { digest, data: new Blob([bytes]) });
    throwIfAborted(connection.signal);
    file.had.add(index);
    file.breaks = 0;
    this.#options.onChange();
  }

  #count(bytes: number): void {
    this.#received += bytes;
    this.#speed.add(bytes);
    this.#connections.observe(performance.now(), this.#received, this.#open);
    this.#options.onChange();
    if (this.#open < this.#connections.limit) this.#wake();
  }

  /** Leaves the file alone for a while; its other connections go on. */
  async #recover(file: FileDownload, span: Span, broken: Interrupted): Promise<void> {
    file.spans.delete(span);
    if (broken.isOverloaded) this.#connections.giveWay();
    // Without a network nobody's host is to blame.
    if (navigator.onLine) file.breaks++;
    if (file.breaks > (this.#received > 0 ? MOST_BREAKS : MOST_BREAKS_AT_FIRST))
      throw new IngleError("source-failed", broken.message, { cause: broken });
    const { clock } = this.#options;
    file.isPaused = true;
    this.#wake();
    try {
      await clock.pause(broken.retryAfter ?? backoff(Math.max(file.breaks, 1)), this.#signal);
    } finally {
      file.isPaused = false;
    }
  }
}
