/** A session of WebLLM's whose library is made by hand. */
import { WebLlmSession, type LoadedLibrary } from "../../src/engine/webllm/session";
import type { WatchedGpu } from "../../src/engine/webllm/watched-gpu";
import type { ModelTokenizer } from "../../src/engine/wgsl/tokenizer/types";

/** A device with which nothing happens, but for what is said here. */
export function quietGpu(parts: Partial<WatchedGpu> = {}): WatchedGpu {
  const lost = new Promise<never>(() => undefined);
  const quiet = { api: {} as GPU, lost, problem: undefined, isAsked: true, bytes: 0, destroy: () => undefined };
  return Object.assign(quiet, parts);
}

export function replayedSession(library: LoadedLibrary, gpu: WatchedGpu = quietGpu()): WebLlmSession {
  const tokenizer = {
    renderChat: () => ({ text: "Hello", pieces: ["Hello"] }),
    encodePrompt: () => [1, 2, 3],
  };
  return new WebLlmSession({
    library,
    gpu,
    tokenizer: tokenizer as unknown as ModelTokenizer,
    vocabulary: 10,
    info: {
      name: "Replayed",
      engine: "webllm",
      contextLength: 64,
      modelContextLength: 64,
      bytes: { weights: 0, kv: 0, scratch: 0, total: 0 },
      sampling: {
        temperature: 0,
        topK: 0,
        topP: 1,
        minP: 0,
        repetitionPenalty: 1,
        frequencyPenalty: 0,
        presencePenalty: 0,
      },
    },
  });
}
