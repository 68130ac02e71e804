/** One request to a host of models, and what its answer's headers say. */
import { asIngleError, IngleError } from "./errors";
import { unreachable, waitFor, type Bytes, type Patience } from "./take-bytes";

/** No byte for so long is a break: longer than a host takes to fetch a file from its own storage. */
export const STALL_AFTER_S = 30;

export interface HostAnswer {
  readonly response: Response;
  /** Lets go of the connection, whatever of the body is still to come. */
  end(): void;
}

/**
 * Waits for an answer's head. Redirects are followed.
 *
 * @throws IngleError "aborted"; "source-failed" when no answer comes, or takes too long
 */
export async function askHost(url: string, init: RequestInit, patience: Patience): Promise<HostAnswer> {
  const connection = new AbortController();
  const end = () => {
    patience.signal.removeEventListener("abort", end);
    connection.abort();
  };
  patience.signal.addEventListener("abort", end);
  try {
    const asked = fetch(url, {
      ...init,
      // Model hosts need to know neither who asks nor from where.
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: connection.signal,
    }).catch(async (thrown: unknown) => {
      if (thrown instanceof TypeError && (await wasBlocked(url))) throw blocked(url, patience.name, thrown);
      throw unreachable(patience.name, url, thrown);
    });
    return { response: await waitFor(asked, patience), end };
  } catch (thrown) {
    end();
    throw asIngleError(thrown, "source-failed");
  }
}

/** Requests that the page's policy refused, by address: fetch itself does not say why it failed. */
const refused = new Set<string>();
// Node has no policies.
if ("addEventListener" in globalThis) {
  globalThis.addEventListener("securitypolicyviolation", (event: Event) => {
    refused.add((event as SecurityPolicyViolationEvent).blockedURI);
  });
}

/** The event comes in a task of its own, soon after fetch has failed. */
async function wasBlocked(url: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { href, origin } = new URL(url);
  return refused.delete(href) || refused.delete(origin);
}

function blocked(url: string, name: string, cause: unknown): IngleError {
  const { origin } = new URL(url);
  return new IngleError(
    "host-blocked",
    `${name}: this page may not reach ${origin}, or where that redirects to. Its list of hosts is under Settings.`,
    { cause },
  );
}

export function bodyOf(response: Response): ReadableStream<Bytes> {
  return response.body ?? new Blob([]).stream();
}

/**
 * Content-Range: "bytes 0-99/1234", or a star for what can't be said. Hidden from other origins unless the host exposes
 * it: then all is undefined, as without one.
 */
export function contentRange({ headers }: Response): {
  readonly start: number | undefined;
  readonly total: number | undefined;
} {
  const match = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(?:(\d{1,15})|\*)$/.exec(headers.get("Content-Range") ?? "");
  return { start: wholeNumber(match?.[1]), total: wholeNumber(match?.[2]) };
}

/** Content-Length, where it counts the file's own bytes. */
export function plainLength({ headers }: Response): number | undefined {
  const encoding = headers.get("Content-Encoding");
  return encoding === null || encoding === "identity" ? wholeNumber(headers.get("Content-Length")) : undefined;
}

function wholeNumber(digits: string | null | undefined): number | undefined {
  return digits !== null && digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
