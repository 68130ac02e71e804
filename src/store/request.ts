/** One request for bytes of a file: what servers answer, sorted into what can be used, tried again, or given up. */
import { IngleError } from "../shared/errors";
import { unreachable, waitFor, type Bytes, type Patience } from "../shared/take-bytes";
import { milliseconds, type Milliseconds } from "../shared/units";

/** The transfer broke off, or the server wants to be asked later: what is there stays, and it is worth another try. */
export class Interrupted extends Error {
  /** How long the server wants to be left alone. */
  readonly retryAfter: Milliseconds | undefined;

  constructor(message: string, options?: { cause?: unknown; retryAfter?: Milliseconds | undefined }) {
    super(message, options);
    this.retryAfter = options?.retryAfter;
  }
}

export interface Answer {
  /** Of the body's first byte, in the file: a server that knows no Range begins at 0. */
  readonly start: number;
  /** Of the whole file, where the server tells. */
  readonly bytes: number | undefined;
  /** A strong one, by which a later request can be of the same file. */
  readonly etag: string | undefined;
  readonly body: ReadableStream<Bytes>;
  /** Lets go of the connection, whatever is still to come. */
  end(): void;
}

const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Longer than anybody waits: a server that says so is as good as gone. */
const LONGEST_RETRY_AFTER_S = 600;

/**
 * Asks for the bytes [from, to) of a file; `to` undefined is its end.
 *
 * @param etag of the file that what is there already is of: another one is sent from its beginning.
 * @throws Interrupted; IngleError "aborted"; "source-failed" when asking again would change nothing.
 */
export async function askForBytes(
  url: string,
  { from, to, etag }: { readonly from: number; readonly to: number | undefined; readonly etag: string | undefined },
  patience: Patience,
): Promise<Answer> {
  const connection = new AbortController();
  const end = () => {
    patience.signal.removeEventListener("abort", end);
    connection.abort();
  };
  patience.signal.addEventListener("abort", end);
  const headers: Record<string, string> = { Range: `bytes=${from}-${to === undefined ? "" : to - 1}` };
  // To another origin If-Range would cost a preflight, which model hosts need not answer: there the ETag that comes
  // with the answer tells (https://fetch.spec.whatwg.org/#cors-safelisted-request-header has Range and not If-Range).
  if (etag !== undefined && new URL(url).origin === self.location.origin) headers["If-Range"] = etag;
  try {
    const asked = fetch(url, {
      headers,
      // Model hosts need to know neither who asks nor from where; the store is the cache.
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal: connection.signal,
    }).catch((thrown: unknown) => {
      throw unreachable(patience.name, thrown);
    });
    return { ...read(await interruptible(waitFor(asked, patience)), from, patience.name), end };
  } catch (thrown) {
    end();
    throw thrown;
  }
}

/** What breaks a transfer breaks it for now: the network, a stall, an early end. */
export async function interruptible<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof IngleError && cause.code === "source-failed") throw new Interrupted(cause.message, { cause });
    throw cause;
  }
}

function read(response: Response, from: number, name: string): Omit<Answer, "end"> {
  const { status, headers } = response;
  const body = response.body ?? new Blob([]).stream();
  const etag = strong(headers.get("ETag"));
  if (status === 200) {
    const length = headers.get("Content-Encoding") === null ? headers.get("Content-Length") : null;
    return { start: 0, bytes: whole(length), etag, body };
  }
  const range = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15}|\*)$/.exec(headers.get("Content-Range") ?? "");
  // Hidden from other origins unless exposed: then the range asked for is taken on trust, and the sums will tell.
  if (status === 206) return { start: whole(range?.[1]) ?? from, bytes: whole(range?.[2]), etag, body };
  // Nothing lies behind the end of a file that is whole.
  if (status === 416 && whole(range?.[2]) === from) {
    return { start: from, bytes: from, etag, body: new Blob([]).stream() };
  }
  const said = `${name}: the server answered ${status} ${response.statusText}`.trim();
  if (TRY_AGAIN.has(status)) throw new Interrupted(said, { retryAfter: retryAfterOf(headers.get("Retry-After")) });
  throw new IngleError("source-failed", `${said}.`);
}

/** A weak validator promises no equal bytes. */
function strong(etag: string | null): string | undefined {
  return etag?.startsWith('"') === true ? etag : undefined;
}

function whole(digits: string | null | undefined): number | undefined {
  return digits !== null && digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

/** Seconds, or a date. */
function retryAfterOf(text: string | null): Milliseconds | undefined {
  if (text === null) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return milliseconds(1000 * Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_S));
}
