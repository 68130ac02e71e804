/** One request for bytes of a file: what servers answer, sorted into what can be used, tried again, or given up. */
import { askHost, bodyOf, contentRange, plainLength } from "../shared/ask-host";
import { IngleError } from "../shared/errors";
import { waitFor, type Bytes, type Patience } from "../shared/take-bytes";
import { formatBytes, MiB, milliseconds, type Milliseconds } from "../shared/units";

/** The transfer broke off, or the server wants to be asked later: what is there stays, and it is worth another try. */
export class Interrupted extends Error {
  /** How long the server wants to be left alone. */
  readonly retryAfter: Milliseconds | undefined;
  /** Whether it said that it is asked too much. */
  readonly isOverloaded: boolean;

  constructor(
    message: string,
    options: { cause?: unknown; retryAfter?: Milliseconds | undefined; isOverloaded?: boolean } = {},
  ) {
    super(message, options);
    this.retryAfter = options.retryAfter;
    this.isOverloaded = options.isOverloaded ?? false;
  }
}

export interface Answer {
  /** Of the body's first byte, in what was asked of: a server that knows no Range begins at 0. */
  readonly start: number;
  /** Of the whole, where the server tells. */
  readonly bytes: number | undefined;
  /** A strong one, by which a later request can be of the same file. */
  readonly etag: string | undefined;
  readonly knowsRanges: boolean;
  readonly body: ReadableStream<Bytes>;
  /** Lets go of the connection, whatever is still to come. */
  end(): void;
}

export interface WantedBytes {
  readonly from: number;
  /** Undefined is the end. */
  readonly to: number | undefined;
  /** Of the file that what is there already is of: another one is sent from its beginning. */
  readonly etag: string | undefined;
}

const TRY_AGAIN: ReadonlySet<number> = new Set([408, 416, 425, 429, 500, 502, 503, 504]);
const OVERLOADED: ReadonlySet<number> = new Set([429, 503]);
/** Longer than anybody waits: a server that says so is as good as gone. */
const LONGEST_RETRY_AFTER_S = 600;

/**
 * Asks for the bytes [from, to) behind a URL.
 *
 * @throws Interrupted; IngleError "aborted"; "source-failed" when asking again would change nothing.
 */
export async function askForBytes(url: string, wanted: WantedBytes, patience: Patience): Promise<Answer> {
  const { from, to, etag } = wanted;
  const headers: Record<string, string> = { Range: `bytes=${from}-${to === undefined ? "" : to - 1}` };
  // To another origin If-Range would cost a preflight, which model hosts need not answer: there the ETag that comes
  // with the answer tells (https://fetch.spec.whatwg.org/#cors-safelisted-request-header has Range and not If-Range).
  if (etag !== undefined && new URL(url).origin === self.location.origin) headers["If-Range"] = etag;
  // The store is the cache.
  const { response, end } = await interruptible(askHost(url, { headers, cache: "no-store" }, patience));
  try {
    const answer = { ...read(response, wanted, patience.name), end };
    return response.status === 200 && answer.bytes === undefined ? await measured(answer, patience) : answer;
  } catch (thrown) {
    end();
    throw thrown;
  }
}

/** [bytes] Of a body whose length its server does not say: a tokenizer has 20 MiB at most, and weights come with one. */
const MOST_UNMEASURED = 32 * MiB;

/** Sent in pieces as it is made, or compressed on the way: how large it is shows at its end. */
async function measured(answer: Answer, patience: Patience): Promise<Answer> {
  const parts: Bytes[] = [];
  let bytes = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await interruptible(waitFor(reader.read(), patience));
    if (done) break;
    parts.push(value);
    bytes += value.length;
    if (bytes <= MOST_UNMEASURED) continue;
    throw new IngleError(
      "source-failed",
      `${patience.name}: its server does not say how large it is, and it is over ${formatBytes(MOST_UNMEASURED)}.`,
    );
  }
  return { ...answer, bytes, body: new Blob(parts).stream() };
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

function read(response: Response, { from, to }: WantedBytes, name: string): Omit<Answer, "end"> {
  const { status, statusText, headers } = response;
  const etag = strong(headers.get("ETag"));
  // A Wi-Fi's sign-in page, a host's "we'll be back": kept as a model it would be there for good.
  if (response.ok && headers.get("Content-Type")?.startsWith("text/html") === true) {
    throw new Interrupted(
      `${name}: a web page came in its place. Sign in to the network if it asks for that, or check the address.`,
    );
  }
  if (status === 200) {
    return { start: 0, bytes: plainLength(response), etag, knowsRanges: false, body: bodyOf(response) };
  }
  const range = contentRange(response);
  if (status === 206) {
    // Hidden from other origins unless exposed: then the range asked for is taken on trust, and the sums will tell.
    // What goes to the end is as long as the rest.
    const rest = to === undefined ? plainLength(response) : undefined;
    const bytes = range.total ?? (rest === undefined ? undefined : from + rest);
    return { start: range.start ?? from, bytes, etag, knowsRanges: true, body: bodyOf(response) };
  }
  // Nothing lies there: the file is shorter than was thought, or empty.
  if (status === 416 && range.total !== undefined) {
    return { start: from, bytes: range.total, etag, knowsRanges: true, body: new Blob([]).stream() };
  }
  const said = `${name}: the server answered ${status} ${statusText}`.trim();
  if (TRY_AGAIN.has(status)) {
    const retryAfter = retryAfterOf(headers.get("Retry-After"));
    throw new Interrupted(`${said}.`, { retryAfter, isOverloaded: OVERLOADED.has(status) });
  }
  throw new IngleError("source-failed", `${said}.`);
}

/** A weak validator promises no equal bytes. */
function strong(etag: string | null): string | undefined {
  return etag?.startsWith('"') === true ? etag : undefined;
}

/** Seconds, or a date. */
function retryAfterOf(text: string | null): Milliseconds | undefined {
  if (text === null) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return milliseconds(1000 * Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_S));
}
