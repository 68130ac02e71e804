/** What tabs say to each other about the one model on the GPU. All of it can be cloned. */
import * as v from "valibot";
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
  /** That one, and no other that took its place meanwhile. */
  | { readonly do: "unload"; readonly id: string }
  /** Its events are GenerateEvents. */
  | { readonly do: "generate"; readonly request: GenerateRequest }
  /** Answered with a number of tokens. */
  | { readonly do: "count"; readonly messages: readonly ChatMessage[] }
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

const text = v.string();
const call = v.number();
const anything = v.optional(v.unknown());
const model = v.object({ id: text, info: v.looseObject({ name: text, contextLength: v.number() }) });
const error = v.looseObject({ code: text, message: text });

/** As deep as a message is looked into by who passes it on: a tab may run another version of the page. */
const schema = v.variant("kind", [
  v.object({ kind: v.literal("wish"), from: text, call, wish: v.looseObject({ do: text }) }),
  v.object({ kind: v.literal("stop"), from: text, call }),
  v.object({ kind: v.literal("heard"), to: text, call }),
  v.object({ kind: v.literal("event"), to: text, call, event: anything }),
  v.object({ kind: v.literal("done"), to: text, call, value: anything }),
  v.object({ kind: v.literal("failed"), to: text, call, error }),
  v.object({
    kind: v.literal("news"),
    news: v.object({ loaded: v.optional(model), gone: v.optional(v.object({ model, why: v.optional(error) })) }),
  }),
]);

/** @returns undefined for what is no message, or not this version's. */
export function readTabMessage(data: unknown): TabMessage | undefined {
  const found = v.safeParse(schema, data);
  return found.success ? (found.output as unknown as TabMessage) : undefined;
}
