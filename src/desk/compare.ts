/** The engines side by side on one model, one after the other: there may not be room for both. */
import type { GenerateEvent, GenerateRequest } from "../engine/engine";
import type { EngineName } from "../shared/engines";
import { asIngleError, IngleError, type ErrorCode } from "../shared/errors";
import { measureModel } from "./measure-model";

export interface CompareParts {
  /** Puts the model on the GPU with this engine. */
  readonly load: (engine: EngineName) => Promise<void>;
  readonly loaded: () => EngineName | undefined;
  readonly generate: (request: GenerateRequest) => AsyncIterable<GenerateEvent>;
  /** Keeps what came out. [tokens/s], 0 where this engine does not run the model here. */
  readonly note: (engine: EngineName, tokensPerSecond: number) => void;
}

/** What an engine fails with here once will fail again. Too little memory, a lost GPU or network may pass. */
const LASTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["model-invalid", "model-unsupported"]);

/** @throws IngleError of what failed, after the others were measured; "aborted" at once. */
export async function compareEngines(engines: readonly EngineName[], parts: CompareParts): Promise<void> {
  const speeds = new Map<EngineName, number>();
  const failures: IngleError[] = [];
  for (const engine of engines) {
    try {
      await parts.load(engine);
      const speed = await measureModel(parts.generate);
      speeds.set(engine, speed);
      parts.note(engine, speed);
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (error.code === "aborted") throw error;
      if (LASTING.has(error.code)) parts.note(engine, 0);
      failures.push(error);
    }
  }
  const [fastest] = [...speeds].toSorted(([, a], [, b]) => b - a);
  if (fastest !== undefined && parts.loaded() !== fastest[0]) await parts.load(fastest[0]);
  const [failure, ...others] = failures;
  if (failure === undefined) return;
  if (others.length === 0) throw failure;
  throw new IngleError(failure.code, failures.map(({ message }) => message).join(" "), { cause: failure });
}
