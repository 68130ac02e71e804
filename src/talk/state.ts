/** How a conversation stands, for whoever shows it. Types only. */
import type { Conversation } from "../chat/message";
import type { Activity, ModelEntry } from "../desk/entries";
import type { ErrorCode, IngleError } from "../shared/errors";

/** The model that answers. */
export type ModelState =
  /** There is no GPU to run one on. */
  | { readonly phase: "absent"; readonly reason: string; readonly remedy: string | undefined }
  /** Where data is paid for, nothing large is fetched before somebody says so. */
  | { readonly phase: "unasked"; readonly name: string; readonly bytes: number }
  | {
      readonly phase: "loading";
      readonly name: string;
      readonly isStarter: boolean;
      readonly activity: Activity | undefined;
    }
  | {
      readonly phase: "ready";
      readonly name: string;
      readonly isStarter: boolean;
      /** [tokens] */
      readonly contextLength: number;
      /** Another tab has it, through which this one talks. */
      readonly isElsewhere: boolean;
    }
  /** Taken off the GPU, or lost with it: the next message brings it back. */
  | { readonly phase: "resting"; readonly name: string; readonly isStarter: boolean }
  | { readonly phase: "failed"; readonly name: string; readonly problem: string; readonly problemCode: ErrorCode };

/** What came about without anybody's click, to be said once. */
export type ModelNews =
  | { readonly kind: "took-over"; readonly name: string }
  /** The starter answers in its place. */
  | {
      readonly kind: "fell-back";
      readonly name: string;
      readonly problem: string;
      readonly problemCode: ErrorCode | undefined;
    };

/** The reply that is being written. */
export interface WritingState {
  /** The conversation it is in, which need not be the one shown. */
  readonly conversation: string;
  /** "recovering": the GPU or its worker was lost, and the model is loaded once more. */
  readonly phase: "waiting" | "reading" | "writing" | "recovering";
  /** Of the prompt, 0 to 1. */
  readonly read: number;
}

/** What the model has in view. [tokens] */
export interface ContextUse {
  readonly used: number;
  readonly length: number;
}

export interface TalkState {
  readonly conversation: Conversation;
  /** Whether another one is being read from where it is kept. */
  readonly isOpening: boolean;
  readonly model: ModelState;
  readonly news: ModelNews | undefined;
  /** A better model than the one that answers. */
  readonly offer: ModelEntry | undefined;
  readonly writing: WritingState | undefined;
  readonly context: ContextUse | undefined;
  /** Messages, the oldest, that the last prompt of this conversation had no room for. */
  readonly dropped: number;
  readonly problem: IngleError | undefined;
  /** Whether the last removal of a message can be undone. */
  readonly canUndo: boolean;
}
