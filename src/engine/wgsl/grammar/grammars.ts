/** The engine's side of the grammar worker: which tokens may come next. */
import { blobModule } from "../../../shared/blob-module";
import { isTimeout, withDeadline } from "../../../shared/deadline";
import { abortedError, asIngleError, IngleError, throwIfAborted, type ErrorCode } from "../../../shared/errors";
import { milliseconds } from "../../../shared/units";
import type { FinishReason, GenerateRequest } from "../../engine";
import { jsonIncomplete } from "../../json/incomplete";
import { schemaOf } from "../../json/schema";
import type { ModelTokenizer } from "../tokenizer/types";
import workerUrl from "./grammar-worker?worker&url";
import type { Answer, Question, Step, Vocabulary } from "./messages";

/** The worker's code may have to come over a slow line. */
const START_LIMIT = milliseconds(60_000);
const COMPILE_LIMIT = milliseconds(10_000);
const STEP_LIMIT = milliseconds(10_000);

export interface GrammarParts {
  readonly tokenizer: Pick<ModelTokenizer, "stopTokens" | "bytesOfToken">;
  /** Tokens that are sampled from. */
  readonly vocabulary: number;
}

/** A model's grammars, one at a time. The first starts the worker. */
export class Grammars {
  readonly #parts: GrammarParts;
  #worker: GrammarWorker | undefined;
  #disposed = false;

  constructor(parts: GrammarParts) {
    this.#parts = parts;
  }

  /**
   * @param request One that asks for JSON.
   * @throws IngleError "request-invalid" with the compiler's reasons; "source-failed", "worker-failed", "timed-out";
   *   "aborted".
   */
  async open(request: GenerateRequest, signal: AbortSignal): Promise<Grammar> {
    const schema = schemaOf(request);
    const onAbort = () => this.#end(abortedError()); // nothing else ends a compilation
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      throwIfAborted(signal);
      const worker = await this.#started();
      return new Grammar(worker, await this.#compiled(worker, schema));
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#end(abortedError());
  }

  async #started(): Promise<GrammarWorker> {
    if (this.#disposed) throw abortedError();
    if (this.#worker?.isUsable === true) return this.#worker;
    const worker = (this.#worker = new GrammarWorker());
    const vocabulary = vocabularyOf(this.#parts);
    await worker.ask({ type: "vocabulary", vocabulary }, START_LIMIT, [
      vocabulary.bytes.buffer,
      vocabulary.ends.buffer,
    ]);
    return worker;
  }

  async #compiled(worker: GrammarWorker, schema: string): Promise<Step> {
    const answer = await worker.ask({ type: "open", schema }, COMPILE_LIMIT).catch((thrown: unknown) => {
      if (!isTimeout(thrown)) throw thrown;
      const seconds = COMPILE_LIMIT / 1000;
      throw new IngleError("request-invalid", `The schema takes more than ${seconds} s to prepare. Make it simpler.`);
    });
    if (answer.type === "step") return answer;
    this.#end(abortedError()); // see grammar-worker.ts
    const reasons = answer.type === "refused" ? answer.reasons.flatMap(readable) : [];
    throw new IngleError("request-invalid", `A reply can't be held to the schema. ${reasons.join(" ")}`.trim());
  }

  #end(error: IngleError): void {
    this.#worker?.end(error);
    this.#worker = undefined;
  }
}

/** One reply's. */
export class Grammar {
  readonly #worker: GrammarWorker;
  #step: Step;

  constructor(worker: GrammarWorker, first: Step) {
    this.#worker = worker;
    this.#step = this.#checked(first, "request-invalid");
  }

  /** [⌈vocabulary / 32⌉] Bit i of word w: whether token 32 w + i may come next. */
  get mask(): Int32Array<ArrayBuffer> {
    return this.#step.mask;
  }

  /** Whether nothing is left to come. */
  get isOver(): boolean {
    return this.#step.isOver;
  }

  /** What is wrong with a reply that ends here: nothing if its JSON is whole. */
  problem(cutBy: FinishReason): IngleError | undefined {
    return this.#step.isWhole && cutBy !== "stop" ? undefined : jsonIncomplete(cutBy);
  }

  /** @throws IngleError "gpu-wrong" for a token that may not come; "json-incomplete" where none may after it. */
  async accept(token: number): Promise<void> {
    const answer = await this.#worker.ask({ type: "accept", token }, STEP_LIMIT);
    if (answer.type !== "step") {
      throw new IngleError(
        "gpu-wrong",
        "This GPU chose a token that it was not to choose. Run the check of its kernels, or try another browser or GPU.",
      );
    }
    this.#step = this.#checked(answer, "json-incomplete");
  }

  close(): void {
    this.#worker.tell({ type: "close" });
  }

  #checked(step: Step, code: ErrorCode): Step {
    if (step.isOver || step.mask.some((word) => word !== 0)) return step;
    this.close();
    throw new IngleError(code, "The model has no token with which its reply could keep to the schema.");
  }
}

/** The worker as something to be asked, whose every question ends. */
class GrammarWorker {
  readonly #worker: Worker;
  readonly #revoke: () => void;
  #asked: { resolve(answer: Answer): void; reject(error: IngleError): void } | undefined;
  #ended: IngleError | undefined;

  constructor() {
    const script = blobModule(new URL(workerUrl, import.meta.url));
    this.#revoke = () => script.revoke();
    try {
      this.#worker = new Worker(script.url, { type: "module", name: "ingle-grammar" });
    } catch (cause) {
      script.revoke();
      throw new IngleError("worker-failed", "This browser could not start what holds replies to JSON.", { cause });
    }
    let hasAnswered = false;
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      script.revoke();
      hasAnswered = true;
      this.#asked?.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.end(
        hasAnswered
          ? new IngleError("worker-failed", `What holds replies to JSON stopped. It said: ${event.message}`)
          : new IngleError(
              "source-failed",
              "What holds replies to JSON could not be fetched: it comes with the first that asks for it, and needs the page's host once.",
            ),
      );
    };
  }

  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  async ask(
    question: Question,
    limit: ReturnType<typeof milliseconds>,
    transfer: Transferable[] = [],
  ): Promise<Answer> {
    if (this.#ended !== undefined) throw this.#ended;
    const answer = new Promise<Answer>((resolve, reject) => (this.#asked = { resolve, reject }));
    this.#worker.postMessage(question, transfer);
    try {
      return await withDeadline(answer, limit, "What holds replies to JSON");
    } catch (thrown) {
      this.end(asIngleError(thrown)); // its answer, when it comes, would be taken for the next question's
      throw thrown;
    }
  }

  tell(question: Question): void {
    if (this.#ended === undefined) this.#worker.postMessage(question);
  }

  end(error: IngleError): void {
    this.#ended ??= error;
    this.#revoke();
    this.#worker.terminate();
    this.#asked?.reject(this.#ended);
  }
}

function vocabularyOf({ tokenizer, vocabulary }: GrammarParts): Vocabulary {
  const stopTokens = [...tokenizer.stopTokens].filter((token) => token < vocabulary);
  const none = new Uint8Array();
  const tokens = Array.from({ length: vocabulary }, (_, token) => {
    const bytes = tokenizer.stopTokens.has(token) ? none : tokenizer.bytesOfToken(token);
    return isWritable(bytes) ? bytes : none;
  });
  const bytes = new Uint8Array(tokens.reduce((sum, { length }) => sum + length, 0));
  const ends = new Uint32Array(vocabulary);
  let end = 0;
  tokens.forEach((token, id) => {
    bytes.set(token, end);
    ends[id] = end += token.length;
  });
  return { bytes, ends, stopTokens };
}

/**
 * Not a control character: JSON has them between its parts only, where none is asked for, and the compiler would let
 * them into some strings. Nor what is part of no character: it would be read as another, or as several.
 */
function isWritable(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 0x20)) return false;
  if (bytes.every((byte) => byte < 0x80)) return true;
  const begin = bytes.findIndex((byte) => byte < 0x80 || byte > 0xbf); // before it, the rest of a character
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(begin < 0 ? bytes.length : begin), {
      stream: true,
    });
    return true;
  } catch {
    return false;
  }
}

/** "[FATAL] /path/regex_converter.cc:75: Regex parsing error" without what is of its source; nothing for the rest. */
function readable(line: string): string[] {
  const reason = /\.cc:\d+: (?:Check failed: \(.*?\) is false: )?(.+)/s.exec(line)?.[1];
  return reason === undefined ? [] : [reason.slice(0, 300)];
}
