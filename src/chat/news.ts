/** Tells the site's other tabs what changed. */
import * as v from "valibot";

export type News = v.InferOutput<typeof newsSchema>;

const newsSchema = v.variant("type", [
  /** A conversation is new, changed, or back after its removal. */
  v.object({ type: v.literal("changed"), id: v.string() }),
  /** A reply in it has more text. */
  v.object({ type: v.literal("grew"), id: v.string() }),
  v.object({ type: v.literal("removed"), id: v.string() }),
  v.object({ type: v.literal("all-removed") }),
  v.object({ type: v.literal("presets-changed") }),
]);

const CHANNEL = "ingle chats";

/** What one end of the channel tells only the others hear. */
export class NewsChannel {
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #listeners = new Set<(news: News) => void>();

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Another version of the page may tell what this one does not know.
      const found = v.safeParse(newsSchema, data);
      if (found.success) this.hear(found.output);
    };
  }

  tell(news: News): void {
    this.#channel.postMessage(news);
  }

  /** As if another tab had told it. */
  hear(news: News): void {
    for (const listener of this.#listeners) listener(news);
  }

  /** @returns ends it. */
  watch(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#channel.close();
  }
}

/** For who has no end of the channel open. A history of the same tab hears it, too. */
export function tellOnce(news: News): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}
