/**
 * One file over http into one file on disk, going on where it broke: after a lost connection, a server that falls
 * silent, an answer cut short, and also where an earlier run was killed. Whether the bytes are right is not looked at.
 */
import { open, truncate, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../src/shared/errors";
import { formatBytes } from "../../src/shared/units";
import { sizeOf } from "./folder";
import { SourceFailedError, type Job } from "./source";

export interface DownloadTimes {
  /** The longest silence, before the first byte or between two, ms. */
  readonly stall: number;
  /** Before the second try; doubled before each further one, ms. */
  readonly pause: number;
  /** The longest that a server's Retry-After is heeded, ms. */
  readonly longestPause: number;
}

export const DOWNLOAD_TIMES: DownloadTimes = { stall: 30_000, pause: 1_000, longestPause: 60_000 };

/** Tries in a row that bring nothing new, and tries altogether, before it is given up. */
const FRUITLESS_TRIES = 3;
const TRIES = 50;

/** What another try may mend. Anything else thrown ends the download. */
class BrokenError extends Error {
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

interface Contact {
  /** Whether a server has answered at all: one that can't be reached is not worth three tries. */
  answered: boolean;
  /** The strong validator of what is being fetched. */
  etag: string | undefined;
}

/** @throws SourceFailedError, or what the file system throws */
export async function download(url: string, job: Job, times: DownloadTimes = DOWNLOAD_TIMES): Promise<void> {
  const { part, pin, say, progress } = job;
  const contact: Contact = { answered: false, etag: undefined };
  let best = await sizeOf(part);
  if (best > 0) say(`Going on from ${formatBytes(best)}, which an earlier run left.`);
  for (let [fruitless, tries] = [0, 1]; (await sizeOf(part)) !== pin.bytes; tries++) {
    try {
      await goOn(url, job, contact, times.stall);
    } catch (error) {
      if (!(error instanceof BrokenError)) throw error;
      const reached = await sizeOf(part);
      fruitless = reached > best ? 0 : fruitless + 1;
      best = Math.max(best, reached);
      progress.pause();
      if (!contact.answered || fruitless >= FRUITLESS_TRIES || tries >= TRIES) {
        throw new SourceFailedError(error.message, { cause: error });
      }
      say(`${error.message} Trying again${reached > 0 ? ` from ${formatBytes(reached)}` : ""}.`);
      await wait(Math.min(error.retryAfter ?? times.pause * 2 ** fruitless, times.longestPause));
    }
  }
  progress.pause();
}

/** One request for what the part lacks. Asks the first address every time: a signed one behind it fits one range. */
async function goOn(url: string, { part, pin, progress }: Job, contact: Contact, stall: number): Promise<void> {
  const host = new URL(url).host;
  const silence = new Silence(stall);
  try {
    let offset = await sizeOf(part);
    if (offset > pin.bytes) {
      await startOver(part);
      offset = 0;
    }
    const response = await ask(url, offset, contact.etag, silence.signal);
    contact.answered = true;
    const start = readAnswer(response, host, offset, pin.bytes);
    if (start !== offset) await truncate(part, start);
    const etag = response.headers.get("etag");
    contact.etag = etag?.startsWith('"') === true ? etag : undefined; // a weak one may not be used with If-Range
    await append(response, part, start, pin.bytes, silence, (bytes) => progress.at(bytes, pin.bytes));
  } catch (error) {
    if (error instanceof RangeRefusedError) await startOver(part);
    if (silence.broke) throw new BrokenError(`${host} sent nothing for ${stall / 1000} s.`);
    // What fetch throws is a TypeError; what the disk throws is none and goes through.
    if (error instanceof TypeError) throw new BrokenError(`${host} ${connectionFault(error, contact.answered)}.`);
    throw error;
  } finally {
    silence.end();
  }
}

function startOver(part: string): Promise<void> {
  return writeFile(part, "");
}

/** The server does not give the range: only from the beginning, then. */
class RangeRefusedError extends BrokenError {}

async function ask(url: string, offset: number, etag: string | undefined, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "Accept-Encoding": "identity" };
  if (offset > 0) {
    headers["Range"] = `bytes=${offset}-`;
    if (etag !== undefined) headers["If-Range"] = etag;
  }
  return fetch(url, { headers, signal });
}

/**
 * @returns where in the file the answer's body begins
 * @throws BrokenError what another request may mend
 * @throws SourceFailedError where this address does not have the file
 */
function readAnswer(response: Response, host: string, offset: number, bytes: number): number {
  const { status, statusText, headers } = response;
  const answered = `${host} answered ${status} ${statusText}`.trim();
  if (status === 416) throw new RangeRefusedError(`${answered}.`);
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after") ?? NaN);
    throw new BrokenError(`${answered}.`, Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }
  if (status !== 200 && status !== 206) throw new SourceFailedError(`${answered}.`);
  if (/^text\/html/i.test(headers.get("content-type") ?? "")) {
    throw new SourceFailedError(`${host} answered with a web page in place of the file: a sign-in or a filter, maybe.`);
  }

  let start = 0;
  let rest = Number(headers.get("content-length") ?? NaN);
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    start = Number(range?.[1] ?? NaN);
    if (start !== offset) throw new RangeRefusedError(`${host} sent another range than was asked for.`);
    rest = range?.[2] === "*" ? NaN : Number(range?.[2]) - offset;
  }
  if (!Number.isNaN(rest) && start + rest !== bytes) {
    throw new SourceFailedError(`${host} has a file of ${start + rest} bytes, where the model has ${bytes}.`);
  }
  return start;
}

async function append(
  response: Response,
  part: string,
  start: number,
  bytes: number,
  silence: Silence,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const host = new URL(response.url).host;
  const file = await open(part, "a");
  let size = start;
  try {
    for await (const chunk of response.body ?? []) {
      silence.restart();
      size += chunk.byteLength;
      if (size > bytes) throw new RangeRefusedError(`${host} sent more than the model's ${bytes} bytes.`);
      await file.writeFile(chunk);
      onBytes(size);
    }
  } finally {
    await file.close();
  }
  if (size < bytes) throw new BrokenError(`${host} ended after ${formatBytes(size)} of ${formatBytes(bytes)}.`);
}

function connectionFault(error: TypeError, answered: boolean): string {
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : messageOf(cause ?? error);
  return answered ? `broke off the connection (${code})` : `can't be reached (${code})`;
}

/** Ends a request once nothing has come for a time. */
class Silence {
  readonly #controller = new AbortController();
  readonly #limit: number;
  #timer: NodeJS.Timeout;
  /** Whether it was silence that ended the request. */
  broke = false;

  constructor(limit: number) {
    this.#limit = limit;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Lets go of the connection, too, where an answer was not read to its end. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.broke = true;
      this.#controller.abort();
    }, this.#limit);
  }
}
