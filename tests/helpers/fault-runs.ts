/** What tests in the browser do with the fault host that their run has. */
import { inject } from "vitest";
import { throwIfAborted } from "../../src/shared/errors";
import { milliseconds } from "../../src/shared/units";
import type { Clock } from "../../src/store/clock";

/** Pauses of seconds and minutes pass at once; a stall is what takes longer than a healthy answer on this computer. */
export const quickClock: Clock = {
  stallAfter: milliseconds(400),
  async pause(_time, stopped) {
    await Promise.resolve();
    throwIfAborted(stopped);
  },
};

export const faultUrl = (path: string): string => inject("faultHost") + path;

export async function json<T>(path: string): Promise<T> {
  return (await (await fetch(faultUrl(path))).json()) as T;
}
