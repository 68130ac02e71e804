/** A reply that was to be JSON and was cut off before it was. */
import { IngleError } from "../../shared/errors";
import type { FinishReason } from "../engine";

const SENTENCES: Readonly<Record<FinishReason, string>> = {
  length: "The reply came to its limit of tokens before its JSON was whole. Raise the limit, or ask for less.",
  context: "The context is full, and the reply's JSON is not whole. Shorten the conversation, or ask for less.",
  // The model's own end can't come before the JSON's.
  stop: "A stop text came before the reply's JSON was whole. Leave it out, or choose one that JSON does not hold.",
};

export function jsonIncomplete(cutBy: FinishReason): IngleError {
  return new IngleError("json-incomplete", SENTENCES[cutBy]);
}
