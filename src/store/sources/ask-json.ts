/** A small JSON answer of a model host: bounded, waited for, and checked before anything relies on it. */
import * as v from "valibot";
import { askHost, bodyOf, STALL_AFTER_S } from "../../shared/ask-host";
import { IngleError } from "../../shared/errors";
import { waitFor } from "../../shared/take-bytes";
import { formatBytes, MiB, milliseconds } from "../../shared/units";

/** A listing of a thousand files has 0.3 MiB, the manifest of a 70B model 2. */
const LARGEST = 8 * MiB;

export interface JsonAnswer<T> {
  readonly value: T;
  readonly headers: Headers;
}

/**
 * @param what names it in messages: "The list of Qwen/Qwen2.5-0.5B-Instruct-GGUF's files".
 * @throws IngleError "aborted"; "source-failed"
 */
export async function askJson<S extends v.GenericSchema>(
  url: string,
  schema: S,
  what: string,
  signal: AbortSignal,
): Promise<JsonAnswer<v.InferOutput<S>>> {
  const patience = { signal, name: what, stallAfter: milliseconds(1000 * STALL_AFTER_S) };
  const { response, end } = await askHost(url, {}, patience);
  try {
    if (!response.ok) {
      throw new IngleError(
        "source-failed",
        `${what}: the server answered ${response.status} ${response.statusText}`.trim(),
      );
    }
    const text = await readText(bodyOf(response), patience);
    const parsed = v.safeParse(schema, parse(text));
    if (parsed.success) return { value: parsed.output, headers: response.headers };
    throw new IngleError("source-failed", `${what}: what the server sent is not what was asked for.`);
  } finally {
    end();
  }
}

async function readText(body: ReadableStream<Uint8Array>, patience: Parameters<typeof waitFor>[1]): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = 0; ;) {
    const { done, value } = await waitFor(reader.read(), patience);
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > LARGEST) throw new IngleError("source-failed", `${patience.name} is over ${formatBytes(LARGEST)}.`);
    text += decoder.decode(value, { stream: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
