/** The page's address, which lives in the fragment so that any static host will do. */

export type Route =
  | { readonly page: "chat" }
  | { readonly page: "check" }
  /** A link that carries a report. */
  | { readonly page: "shared"; readonly payload: string }
  | { readonly page: "models" }
  | { readonly page: "network" }
  | { readonly page: "settings" };

const SHARED = "#/check?report=";

/** Whatever isn't known leads to the conversation. */
export function parseRoute(hash: string): Route {
  if (hash.startsWith(SHARED)) return { page: "shared", payload: hash.slice(SHARED.length) };
  switch (hash) {
    case "#/check":
      return { page: "check" };
    case "#/models":
      return { page: "models" };
    case "#/settings":
      return { page: "settings" };
    case "#/network":
      return { page: "network" };
    default:
      return { page: "chat" };
  }
}

export function sharedHash(payload: string): string {
  return SHARED + payload;
}
