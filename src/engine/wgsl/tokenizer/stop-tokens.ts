/**
 * Which tokens end a reply. The ids the files give (end of text, of turn, of message, and generation_config's list)
 * are not enough: many files give one id where the chat template writes another. So every special token that is known
 * by its text to end a turn counts too; as a token of a reply none of them means anything else.
 */
import type { TokenKind } from "./parts";

const END_OF_TURN: ReadonlySet<string> = new Set([
  "<|im_end|>", // ChatML: Qwen, SmolLM
  "<|eot_id|>", // Llama 3, end of turn
  "<|eom_id|>", // Llama 3, end of message: a tool is called
  "<|end_of_text|>", // Llama 3, base
  "<|endoftext|>", // GPT-2, Qwen base
  "<|end|>", // Phi
  "<|end_of_turn|>",
  "<end_of_turn>", // Gemma
  "<|eot|>",
  "<EOT>",
  "<｜end▁of▁sentence｜>", // DeepSeek
  "</s>", // Llama 2
]);

export function endsTurn(text: string): boolean {
  return END_OF_TURN.has(text);
}

/** Whether a token's text says that it steers, in files that mark it as text or as user-defined. */
export function looksSpecial(text: string): boolean {
  return endsTurn(text) || /^<[|｜][^\s<>]+[|｜]>$/u.test(text) || text === "<start_of_turn>" || text === "<s>";
}

/**
 * @param given The ids the files give, where they give them.
 */
export function stopTokensOf(
  tokens: readonly string[],
  kinds: readonly TokenKind[],
  given: readonly (number | undefined)[],
): Set<number> {
  const stops = new Set<number>();
  for (const id of given) if (id !== undefined) stops.add(id);
  tokens.forEach((text, id) => {
    if (kinds[id] === "special" && endsTurn(text)) stops.add(id);
  });
  return stops;
}
