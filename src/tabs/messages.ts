/** What tabs say to each other about the one model on the GPU. Types only; all of it can be cloned. */
import type { ChatMessage, GenerateRequest, SessionInfo } from "../engine/engine";
import type { WireError } from "../shared/errors";
import type { LoadRequest } from "../worker/model-client";

export interface HeldModel {
  /** In the store; or the starter's, whether it is kept or not. */
  readonly id: string;
  readonly info: SessionInfo;
}

/** What a tab wants of the one whose worker has the model. */
export type Wish =
  /** Answered with the HeldModel, or undefined. */
  | { readonly do: "tell" }
  /** Answered with the HeldModel; its events are LoadProgress. */
  | { readonly do: "load"; readonly id: string; readonly request: Omit<LoadRequest, "signal" | "onProgress"> }
  | { readonly do: "unload" }
  /** Its events are GenerateEvents. */
  | { readonly do: "generate"; readonly request: GenerateRequest }
  /** Answered with a Shortened. */
  | { readonly do: "shorten"; readonly messages: readonly ChatMessage[]; readonly room: number };

/** What the holder tells everybody, whenever it changes. */
export interface HolderNews {
  readonly loaded: HeldModel | undefined;
  /** That one went by itself: lost, or, without a reason, idle. */
  readonly gone?: { readonly model: HeldModel; readonly why: WireError | undefined };
}

export type TabMessage =
  | { readonly kind: "wish"; readonly from: string; readonly call: number; readonly wish: Wish }
  /** Nobody waits for it any more. */
  | { readonly kind: "stop"; readonly from: string; readonly call: number }
  /** The wish was heard: the holder is awake. */
  | { readonly kind: "heard"; readonly to: string; readonly call: number }
  | { readonly kind: "event"; readonly to: string; readonly call: number; readonly event: unknown }
  | { readonly kind: "done"; readonly to: string; readonly call: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly to: string; readonly call: number; readonly error: WireError }
  | { readonly kind: "news"; readonly news: HolderNews };
