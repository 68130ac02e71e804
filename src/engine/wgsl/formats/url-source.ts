/**
 * A file behind a URL. Servers differ: some ignore Range, some answer no HEAD, some hide Content-Range from other
 * origins, some compress small files on the way, so that no length is known before the end.
 */
import { askHost, bodyOf, contentRange, plainLength, STALL_AFTER_S } from "../../../shared/ask-host";
import { IngleError, throwIfAborted } from "../../../shared/errors";
import { formatBytes, MiB, milliseconds, type Milliseconds } from "../../../shared/units";
import { checkRange, type ByteSource } from "./byte-source";
import { openFile } from "./file-source";
import { takeBytes, waitFor, type Bytes, type Patience } from "../../../shared/take-bytes";

export interface UrlOptions {
  /** How long nothing at all may come before the source is given up: 30 s. */
  readonly stallAfter?: Milliseconds;
}

/** A file whose length no answer tells is fetched whole, up to this: manifests and tokenizers, not weights. */
const LARGEST_OF_UNKNOWN_SIZE = 32 * MiB;

/**
 * Finds out the file's size; its bytes are fetched when they are streamed. Redirects are followed.
 *
 * @throws IngleError "aborted"; "source-failed" naming the file and, where there is one, the HTTP status.
 */
export async function openUrl(url: string, signal: AbortSignal, options: UrlOptions = {}): Promise<ByteSource> {
  const patience: Patience = {
    signal,
    name: nameOf(url),
    stallAfter: options.stallAfter ?? milliseconds(1000 * STALL_AFTER_S),
  };
  throwIfAborted(signal);
  // First with a Range: it makes the browser ask for the bytes as they are, so that a length is the file's own, not
  // its compressed form's (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, Accept-Encoding: identity).
  const size = (await sizeByRange(url, patience)) ?? (await sizeByHead(url, patience));
  if (size === undefined) return openFile(await fetchWhole(url, patience), patience.name);
  const file = { name: patience.name, size };
  return {
    ...file,
    async *stream(from, to, streamSignal) {
      checkRange(file, from, to);
      if (from === to) return;
      const streamPatience = { ...patience, signal: streamSignal };
      // Of the whole file too: without a Range the answer may be compressed, and its length another.
      const { response, end } = await askHost(url, { headers: { Range: `bytes=${from}-${to - 1}` } }, streamPatience);
      try {
        const start = startOf(response, from, file.name);
        checkUnchanged(response, file);
        yield* takeBytes(bodyOf(response), { skip: from - start, length: to - from }, streamPatience);
      } finally {
        end();
      }
    },
  };
}

/**
 * Where the body of a good answer begins in the file.
 *
 * @throws IngleError "source-failed"
 */
function startOf(response: Response, from: number, name: string): number {
  if (response.status === 200) return 0; // it knows no Range: what comes before is skipped
  if (response.status !== 206) throw refused(name, response);
  // Hidden from another origin unless exposed; the right range is then taken on trust.
  const start = contentRange(response).start ?? from;
  if (start === from) return from;
  throw new IngleError("source-failed", `${name}: the server sent bytes from ${start} on, not from ${from}.`);
}

async function sizeByRange(url: string, patience: Patience): Promise<number | undefined> {
  const { response, end } = await askHost(url, { headers: { Range: "bytes=0-0" } }, patience);
  end();
  if (response.status === 206) return contentRange(response).total;
  if (response.status === 416 && contentRange(response).total === 0) return 0;
  if (response.status === 200) return plainLength(response);
  throw refused(patience.name, response);
}

async function sizeByHead(url: string, patience: Patience): Promise<number | undefined> {
  // The Range is no part of HEAD, and there only for what it makes of Accept-Encoding.
  const { response, end } = await askHost(url, { method: "HEAD", headers: { Range: "bytes=0-" } }, patience);
  end();
  if (response.status === 206) return contentRange(response).total ?? plainLength(response);
  return response.status === 200 ? plainLength(response) : undefined;
}

async function fetchWhole(url: string, patience: Patience): Promise<Blob> {
  const { response, end } = await askHost(url, {}, patience);
  const chunks: Bytes[] = [];
  let length = 0;
  const reader = bodyOf(response).getReader();
  try {
    if (response.status !== 200) throw refused(patience.name, response);
    for (;;) {
      const { done, value } = await waitFor(reader.read(), patience);
      if (done) return new Blob(chunks);
      chunks.push(value);
      length += value.length;
      if (length > LARGEST_OF_UNKNOWN_SIZE) {
        const most = formatBytes(LARGEST_OF_UNKNOWN_SIZE);
        throw new IngleError(
          "source-failed",
          `${patience.name} is over ${most}, and its server does not say how large it is.`,
        );
      }
    }
  } finally {
    end();
  }
}

/** @throws IngleError "source-failed" when an answer says that the file is not the one whose size was found out. */
function checkUnchanged(response: Response, { name, size }: Pick<ByteSource, "name" | "size">): void {
  const now = response.status === 206 ? contentRange(response).total : plainLength(response);
  if (now === undefined || now === size) return;
  throw new IngleError("source-failed", `${name} changed on its server: it has ${now} bytes now, and had ${size}.`);
}

function refused(name: string, response: Response): IngleError {
  return new IngleError(
    "source-failed",
    `${name}: the server answered ${response.status} ${response.statusText}`.trim(),
  );
}

/** A file's name without its folder: "model.gguf". */
function nameOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name) || url;
  } catch {
    return name; // a stray "%"
  }
}
