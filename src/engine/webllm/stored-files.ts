/**
 * What WebLLM takes for the browser's Cache Storage: a window on one stored model's files, which are verified and whole.
 * The library can be handed no cache of an app's own; it asks `caches.open(scope)` and calls `match`, `add`, `keys` and
 * `delete` on what it gets (tvmjs' ArtifactCache). Nothing is copied, and nothing is fetched.
 */
import { asIngleError, IngleError } from "../../shared/errors";
import { MLC_LISTS } from "../../shared/mlc-files";
import type { Bytes } from "../../shared/take-bytes";

export interface StoredFile {
  readonly name: string;
  readonly size: number;
  stream(from: number, to: number, signal: AbortSignal): AsyncIterable<Bytes>;
}

/** The part of a Cache that the library calls. */
export interface FilesAsCache {
  match(request: RequestInfo | URL): Promise<Response | undefined>;
  add(request: RequestInfo | URL): Promise<never>;
  put(request: RequestInfo | URL): Promise<never>;
  delete(request: RequestInfo | URL): Promise<boolean>;
  keys(): Promise<readonly Request[]>;
}

export interface FilesAsCaches {
  open(scope: string): Promise<FilesAsCache>;
  /** Why a file could not be handed out: what reads a Response is told "Failed to fetch" and no more. */
  readonly problem: IngleError | undefined;
}

/**
 * @param base the made-up address that the model's files have for the library; no request is ever made to it.
 * @param signal ends what is being read.
 */
export function asCaches(base: URL, files: readonly StoredFile[], signal: AbortSignal): FilesAsCaches {
  const byUrl = new Map(files.map((file) => [new URL(file.name, base).href, file]));
  // Models are published with either name of the same list, and each version of the library asks for one of them.
  const [newer, older] = MLC_LISTS;
  for (const [name, other] of [[newer, older] as const, [older, newer] as const]) {
    const list = files.find((file) => file.name === name);
    const alias = new URL(other, base).href;
    if (list !== undefined && !byUrl.has(alias)) byUrl.set(alias, list);
  }
  const addressOf = (request: RequestInfo | URL) =>
    request instanceof Request ? request.url : new URL(request, base).href;
  let problem: IngleError | undefined;
  const note = (thrown: unknown) => (problem ??= asIngleError(thrown));
  const missing = (request: RequestInfo | URL): Promise<never> => {
    const name = addressOf(request).replace(base.href, "");
    const sentence = `WebLLM asks for "${name}", which is not among the model's files. Download it again.`;
    return Promise.reject(note(new IngleError("not-stored", sentence)));
  };
  // One for all of its scopes: configuration, compiled code and weights are files of one model here.
  const cache: FilesAsCache = {
    match(request) {
      const file = byUrl.get(addressOf(request));
      return Promise.resolve(file && responseOf(file, signal, note));
    },
    add: missing,
    put: missing,
    delete: () => Promise.resolve(false), // the store removes models whole, at its user's word
    keys: () => Promise.resolve(Array.from(byUrl.keys(), (url) => new Request(url))),
  };
  return {
    open: () => Promise.resolve(cache),
    get problem() {
      return problem;
    },
  };
}

/** Read when its body is, and not before: the library asks twice for each file, the first time only whether it is there. */
function responseOf(
  { name, size, stream }: StoredFile,
  signal: AbortSignal,
  note: (thrown: unknown) => IngleError,
): Response {
  const left = new AbortController();
  let pieces: AsyncIterator<Bytes> | undefined;
  const body = new ReadableStream<Bytes>(
    {
      async pull(controller) {
        pieces ??= stream(0, size, AbortSignal.any([signal, left.signal]))[Symbol.asyncIterator]();
        const step = await pieces.next().catch((thrown: unknown) => {
          throw note(thrown);
        });
        if (step.done === true) controller.close();
        // The store's next piece overwrites this one.
        else controller.enqueue(step.value.slice());
      },
      async cancel(reason) {
        left.abort(reason);
        await pieces?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  const type = name.endsWith(".json")
    ? "application/json"
    : name.endsWith(".wasm")
      ? "application/wasm"
      : "application/octet-stream";
  return new Response(body, { headers: { "Content-Length": String(size), "Content-Type": type } });
}
