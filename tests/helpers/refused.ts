import { expect } from "vitest";
import type { ErrorCode } from "../../src/shared/errors";

/**
 * What an IngleError must look like, for `toMatchObject`: which takes a bare RegExp for any string.
 *
 * @param message part of it.
 */
export function refused(code: ErrorCode, message: string | RegExp): { code: ErrorCode; message: string } {
  const matcher: unknown =
    typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message);
  return { code, message: matcher as string };
}
