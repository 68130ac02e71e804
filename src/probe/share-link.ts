/**
 * A report inside a link's fragment, which browsers never send to a server: `1.` + base64url(zlib(JSON)), whose
 * checksum tells a changed link from a whole one.
 * What comes out of a link is whatever a stranger put in: sizes are bounded before anything is unpacked, and
 * the result is unknown JSON until read-report.ts has read it.
 */
import { IngleError } from "../shared/errors";
import { KiB } from "../shared/units";

const FORMAT = "1.";
/** A full report with measurements makes about 4 kB; browsers carry far longer fragments than this. */
const MAX_PAYLOAD_CHARACTERS = 64 * KiB;
/** A few kilobytes of deflate can unpack to gigabytes: reading stops here. */
const MAX_JSON_BYTES = 512 * KiB;

/** @throws IngleError "report-invalid" when it is too large for a link. */
export async function packReport(report: unknown): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(report));
  const packed = await collect(pump(json, new CompressionStream("deflate")), Infinity);
  const payload = FORMAT + toBase64Url(packed);
  if (payload.length > MAX_PAYLOAD_CHARACTERS) {
    throw new IngleError("report-invalid", "This report is too large for a link. Send it as a file.");
  }
  return payload;
}

/** @throws IngleError "link-broken" with what is wrong. The result still has to be read as a report. */
export async function unpackReport(payload: string): Promise<unknown> {
  if (payload.length > MAX_PAYLOAD_CHARACTERS) throw broken("it is longer than any report");
  if (!payload.startsWith(FORMAT)) {
    throw broken(/^\d+\./.test(payload) ? "it was made by a newer Ingle" : "it does not carry a report");
  }
  if (typeof DecompressionStream === "undefined")
    throw new IngleError("link-broken", "This browser is too old to open such a link. Update it, or use another.");
  let json: string;
  try {
    const packed = fromBase64Url(payload.slice(FORMAT.length));
    const bytes = await collect(pump(packed, new DecompressionStream("deflate")), MAX_JSON_BYTES);
    json = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof IngleError) throw cause;
    throw broken("part of it is missing or changed", cause);
  }
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw broken("what it carries is not a report", cause);
  }
}

function broken(why: string, cause?: unknown): IngleError {
  return new IngleError("link-broken", `This link can't be opened: ${why}. Ask for it again.`, { cause });
}

function pump(bytes: Uint8Array<ArrayBuffer>, transform: CompressionStream | DecompressionStream) {
  return new Blob([bytes]).stream().pipeThrough(transform);
}

/** Reads a stream to its end, and gives up (cancelling it) once past `limit` bytes. */
async function collect(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel();
      throw broken("it unpacks to more than any report holds");
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** RFC 4648 §5 without padding. `Uint8Array.prototype.toBase64` is too new for the browsers we serve. */
function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
