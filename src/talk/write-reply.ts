/**
 * Writes one reply: waits for a model, leaves out what it has no room for, streams; and where the GPU or its worker is
 * lost meanwhile, has the model loaded again and goes on from the last token.
 */
import type { Preset } from "../chat/presets";
import type { Prompt } from "../chat/prompt";
import type { FinishReason, Usage } from "../engine/engine";
import { unlessAborted } from "../shared/abort";
import { asIngleError, IngleError } from "../shared/errors";
import { isLoss } from "../shared/losses";
import type { TalkDesk } from "./model";
import type { WritingState } from "./state";

/** In a row: a GPU that is lost more often has something that loading does not mend. */
const MOST_RECOVERIES = 2;
/** [tokens] After so many a loss is not in a row with the one before. */
const RECOVERED = 64;
/** [tokens] that are kept free for a reply, in a context long enough. */
const ROOM = 512;
/** A token has at most so many characters, by and large: what is longer than the context by that needs no counting. */
const CHARACTERS_A_TOKEN = 16;

export interface ReplyParts {
  readonly desk: Pick<TalkDesk, "state" | "generate" | "shorten" | "countTokens">;
  /** @returns the name of the model that is there now. */
  readonly ready: (signal: AbortSignal, isLost: boolean) => Promise<string>;
  /** What the model is to answer, with what there is of the reply by now. */
  readonly prompt: () => Prompt;
  /** What the user set for this conversation's replies. */
  readonly preset: () => Pick<Preset, "sampling" | "contextLength" | "maxTokens"> | undefined;
  readonly onModel: (name: string) => void;
  readonly onText: (text: string) => void;
  readonly onPhase: (phase: WritingState["phase"], read: number) => void;
  /** @param dropped messages that there was no room for. */
  readonly onContext: (used: number, dropped: number) => void;
}

export interface ReplyEnd {
  readonly finishReason: FinishReason;
  readonly usage: Usage;
}

/** @throws IngleError "aborted"; as the model's loading and `Session.generate`; the loss after two recoveries. */
export async function writeReply(parts: ReplyParts, signal: AbortSignal): Promise<ReplyEnd> {
  parts.onPhase("waiting", 0);
  // One reply has one limit, however often its model is lost.
  const room: ReplyRoom = { tokens: parts.preset()?.maxTokens ?? Infinity };
  /** The model that wrote of it: no other goes on with that unasked. */
  let writer: string | undefined;
  for (let losses = 0; ;) {
    let name: string | undefined;
    let written = 0;
    const onText = (text: string) => {
      written++;
      writer = name;
      parts.onText(text);
    };
    try {
      name = await parts.ready(signal, losses > 0);
      if (writer !== undefined && name !== writer) throw replaced(writer, name);
      parts.onModel(name);
      return await generate({ ...parts, onText }, room, signal);
    } catch (thrown) {
      const error = asIngleError(thrown);
      // That no model could be loaded is no loss, and trying again is for whoever reads why.
      if (signal.aborted || !isLoss(error) || (name === undefined && error.code === "no-model")) throw error;
      if (written >= RECOVERED) losses = 0;
      if (losses === MOST_RECOVERIES) throw lostAgain(error);
      losses++;
      parts.onPhase("recovering", 0);
    }
  }
}

function replaced(writer: string, name: string): IngleError {
  return new IngleError(
    "request-invalid",
    `${writer} wrote this and is not there any more; ${name} is. What was written is kept: Continue goes on with ${name}, Regenerate writes it anew.`,
  );
}

function lostAgain(cause: IngleError): IngleError {
  return new IngleError(
    cause.code,
    `The model was loaded again twice, and lost each time. ${cause.message} What it wrote is kept: close what else uses the GPU, then continue.`,
    { cause },
  );
}

/** What the preset leaves of the reply, counted down as it is written. */
interface ReplyRoom {
  tokens: number;
}

async function generate(parts: ReplyParts, room: ReplyRoom, signal: AbortSignal): Promise<ReplyEnd> {
  const { desk, onPhase, onContext, onText } = parts;
  const { messages, continueFinalMessage } = parts.prompt();
  const { sampling, contextLength: wished = Infinity } = parts.preset() ?? {};
  const whole = desk.state.loaded?.info.contextLength ?? ROOM;
  const contextLength = Math.min(whole, wished);
  const near = nearest(messages, contextLength * CHARACTERS_A_TOKEN);
  // A context shorter than the loaded one is more room that is left free.
  const free = whole - contextLength + Math.min(ROOM, Math.floor(contextLength / 4));
  const kept = await unlessAborted(desk.shorten(near, free), signal);
  const dropped = messages.length - kept.messages.length;
  let used = 0;
  onPhase("reading", 0);
  // The engine would go on to the end of the loaded one.
  const left =
    contextLength < whole ? contextLength - (await unlessAborted(desk.countTokens(kept.messages), signal)) : Infinity;
  const maxTokens = Math.max(1, Math.min(room.tokens, left));
  const request = {
    input: { messages: kept.messages },
    continueFinalMessage,
    ...(sampling && { sampling }),
    ...(maxTokens < Infinity && { maxTokens }),
  };
  for await (const event of desk.generate(request, signal)) {
    switch (event.type) {
      case "prefill":
        used = event.tokensTotal;
        onContext(used, dropped);
        onPhase("reading", event.tokensDone / event.tokensTotal);
        break;
      case "text":
        onContext(++used, dropped);
        onPhase("writing", 1);
        room.tokens--;
        onText(event.text);
        break;
      case "end": {
        const { finishReason, usage } = event;
        onContext(usage.promptTokens + usage.completionTokens, dropped);
        const isFull = finishReason === "length" && usage.completionTokens >= left;
        return { finishReason: isFull ? "context" : finishReason, usage };
      }
      default:
        return event satisfies never;
    }
  }
  throw new IngleError("aborted", "The model was taken off the GPU before its reply was whole.");
}

type EngineMessages = Prompt["messages"];

/** The end of a conversation, by whole turns, and what is said before all of it. */
function nearest(messages: EngineMessages, mostCharacters: number): EngineMessages {
  let characters = 0;
  let from = messages.length;
  for (let i = messages.length - 1; i >= 0; i--) {
    const { role, content } = messages[i] ?? { role: "user", content: "" };
    characters += content.length;
    if (characters > mostCharacters && from < messages.length) break;
    if (role === "user") from = i;
  }
  if (!messages.some(({ role }) => role === "user")) return messages;
  return messages.filter(({ role }, i) => i >= from || role === "system");
}
