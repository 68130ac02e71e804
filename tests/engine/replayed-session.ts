/** A session of WebLLM's whose library is made by hand. */
import { WebLlmSession, type LoadedLibrary } from "../../src/engine/webllm/session";
import type { WatchedGpu } from "../../src/engine/webllm/watched-gpu";
import type { ModelTokenizer } from "../../src/engine/wgsl/tokenizer/types";
import { madeUpInfo } from "../helpers/made-up-info";

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
    info: madeUpInfo({ name: "Replayed", engine: "webllm", contextLength: 64 }),
  });
}
