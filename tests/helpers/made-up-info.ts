import type { SessionInfo } from "../../src/engine/engine";

/** What a session says of itself that has no model: it samples nothing, and nothing is on the GPU. */
export function madeUpInfo(more: Pick<SessionInfo, "name" | "engine" | "contextLength">): SessionInfo {
  return {
    ...more,
    modelContextLength: more.contextLength,
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
  };
}
