/** A conversation to a prompt, by the model's template or by a plain form. */
import { IngleError } from "../../../shared/errors";
import type { ChatMessage } from "../../engine";
import { ChatTemplate } from "./chat-template";
import type { TokenizerParts } from "./parts";
import { strip } from "./python-text";
import type { SpecialTokens } from "./special-tokens";
import type { ChatOptions, Prompt } from "./types";
import { unusedCharacters, withMarks } from "./user-text";

const ROLES: ReadonlySet<string> = new Set(["system", "user", "assistant", "tool"]);

/** ChatML, for models that have its tokens and no template. */
const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** For models that know nothing of turns. */
const PLAIN =
  "{% for message in messages %}{% if message.role != 'system' %}{{ message.role | capitalize + ': ' }}{% endif %}" +
  "{{ message.content + '\n\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

export class Chat {
  readonly #template: ChatTemplate;
  readonly #specials: SpecialTokens;
  readonly #variables: Readonly<Record<string, unknown>>;

  constructor(parts: TokenizerParts, specials: SpecialTokens) {
    this.#template = new ChatTemplate(parts.chatTemplate ?? (specials.has("<|im_end|>") ? CHATML : PLAIN));
    this.#specials = specials;
    this.#variables = {
      bos_token: textOf(parts, parts.bos),
      eos_token: textOf(parts, parts.eos),
      // As transformers calls templates: there, and nothing.
      tools: null,
      documents: null,
    };
  }

  render(messages: readonly ChatMessage[], options: ChatOptions): Prompt {
    check(messages, options);
    const [mark, tail] = unusedCharacters(messages.map((message) => message.content));
    const last = messages.length - 1;
    const marked = messages.map(({ role, content }, index) => {
      const text = withMarks(wellFormed(content), this.#specials, mark);
      // The space shows whether the template trims.
      return { role, content: options.continueFinalMessage && index === last ? `${text}${tail} ` : text };
    });
    let rendered = this.#template.render({
      ...this.#variables,
      messages: marked,
      add_generation_prompt: options.addGenerationPrompt && !options.continueFinalMessage,
    });
    if (options.continueFinalMessage) rendered = upTo(rendered, tail);
    const unmarked = (text: string) => text.replaceAll(mark, "");
    return {
      pieces: this.#specials
        .split(rendered)
        .map((piece) => (typeof piece === "string" ? unmarked(piece) : piece))
        .filter((piece) => piece !== ""),
      text: unmarked(rendered),
    };
  }
}

/** What stands before the tail; without white space before it where the template took the space after it away. */
function upTo(rendered: string, tail: string): string {
  const at = rendered.lastIndexOf(tail);
  if (at < 0) throw chatInvalid("The model's chat template does not show the last message's text: it can't go on.");
  const text = rendered.slice(0, at);
  return rendered.startsWith(" ", at + tail.length) ? text : strip(text, "rstrip");
}

function check(messages: readonly ChatMessage[], options: ChatOptions): void {
  const last = messages.at(-1);
  if (last === undefined) throw chatInvalid("The conversation is empty.");
  for (const { role } of messages) if (!ROLES.has(role)) throw chatInvalid(`Nobody has the role "${role}".`);
  if (options.continueFinalMessage && last.role !== "assistant") {
    throw chatInvalid("Only the assistant's message can go on, and the last one is not its.");
  }
}

/** Half a surrogate pair is no character: it becomes U+FFFD, as it would in UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function textOf(parts: TokenizerParts, token: number | undefined): string {
  return token === undefined ? "" : (parts.tokens[token] ?? "");
}

export function chatInvalid(message: string): IngleError {
  return new IngleError("chat-invalid", message);
}
