/** For tests inside a browser: what the browser asked the network for, seen from outside. */
import type {} from "@vitest/browser-playwright";
import type { BrowserCommand } from "vitest/node";

const seen: string[] = [];
const watched = new WeakSet<object>();

/** @returns the addresses asked for since the call before; nothing at the first, which begins the watch */
export const takeRequests: BrowserCommand = ({ context }) => {
  if (!watched.has(context)) {
    watched.add(context);
    context.on("request", (request) => seen.push(request.url()));
  }
  return seen.splice(0);
};

declare module "vitest/browser" {
  interface BrowserCommands {
    takeRequests: () => Promise<string[]>;
  }
}
