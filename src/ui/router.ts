/** The page's address, which lives in the fragment so that any static host will do. */

export type Route =
  | { readonly page: "check" }
  /** A link that carries a report. */
  | { readonly page: "shared"; readonly payload: string }
  | { readonly page: "models" }
  | { readonly page: "network" };

const SHARED = "#/check?report=";

/** Whatever isn't known leads to the check. */
export function parseRoute(hash: string): Route {
  if (hash.startsWith(SHARED)) return { page: "shared", payload: hash.slice(SHARED.length) };
  if (hash === "#/models") return { page: "models" };
  return hash === "#/network" ? { page: "network" } : { page: "check" };
}

export function sharedHash(payload: string): string {
  return SHARED + payload;
}
