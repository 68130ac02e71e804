/**
 * A model that says what it is told to, faster than any: a tab that holds the GPU's lock and answers other tabs' wishes
 * (src/tabs/messages.ts). The page under test is as built, and its events come as those of another tab's model do.
 */
import type { BrowserContext } from "playwright/test";
import type { SessionInfo, Usage } from "../../src/engine/engine";
import type { TabMessage } from "../../src/tabs/messages";
import { STARTER, STARTER_ID } from "../../src/shared/starter";
import { madeUpInfo } from "./made-up-info";

export interface Replay {
  readonly tokens: readonly string[];
  readonly tokensPerSecond: number;
}

declare const globalThis: { told: Promise<void> };

/**
 * Before the page is opened. Ends with the context.
 *
 * @returns resolves when a reply is told. Who looks for it on the page meanwhile, at each look through all of it, measures
 *   itself.
 */
export async function holdReplay(context: BrowserContext, site: string, replay: Replay): Promise<() => Promise<void>> {
  const tab = await context.newPage();
  await tab.goto(`${site}manifest.webmanifest`); // of the same origin, without Ingle in it
  const info = madeUpInfo({ name: STARTER.name, engine: "wgsl", contextLength: 100_000 });
  await tab.evaluate(hold, { model: { id: STARTER_ID, info }, replay });
  return () => tab.evaluate(() => globalThis.told);
}

async function hold({ model, replay }: { model: { id: string; info: SessionInfo }; replay: Replay }): Promise<void> {
  const { tokens, tokensPerSecond } = replay;
  const channel = new BroadcastChannel("ingle gpu");
  const say = (message: TabMessage) => channel.postMessage(message);
  await new Promise<void>((held) => {
    void navigator.locks.request("ingle gpu", () => {
      held();
      return new Promise<never>(() => undefined);
    });
  });
  // A timer of a tab behind would beat once a second.
  const beat = new Worker(URL.createObjectURL(new Blob(["setInterval(() => postMessage(0), 10)"])));
  let tellTold: () => void = () => undefined;
  globalThis.told = new Promise((resolve) => (tellTold = resolve));
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind !== "wish") return;
    const { from: to, call, wish } = data;
    say({ kind: "heard", to, call });
    if (wish.do === "generate") {
      void generate((event) => say({ kind: "event", to, call, event })).then(() => {
        say({ kind: "done", to, call, value: undefined });
        tellTold();
      });
    } else {
      const value = wish.do === "shorten" ? { messages: wish.messages, dropped: 0 } : wish.do === "count" ? 1 : model;
      say({ kind: "done", to, call, value });
    }
  };

  async function generate(tell: (event: unknown) => void): Promise<void> {
    tell({ type: "prefill", tokensDone: 1, tokensTotal: 1 });
    const began = performance.now();
    let told = 0;
    await new Promise<void>((done) => {
      beat.onmessage = () => {
        const due = Math.min(tokens.length, ((performance.now() - began) / 1000) * tokensPerSecond);
        while (told < due) tell({ type: "text", text: tokens[told++] });
        if (told === tokens.length) done();
      };
    });
    beat.onmessage = null;
    const usage: Usage = {
      promptTokens: 1,
      cachedTokens: 0,
      completionTokens: tokens.length,
      timeToFirstTokenMs: 1,
      prefillTokensPerSecond: 1,
      decodeTokensPerSecond: tokensPerSecond,
      seed: 1,
    };
    tell({ type: "end", finishReason: "stop", usage });
  }
}
