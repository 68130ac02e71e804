import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withDeadline } from "../../src/shared/deadline";
import { milliseconds } from "../../src/shared/units";

const LIMIT = milliseconds(2500);
const never = () => new Promise<never>(() => undefined);

describe("withDeadline", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("gives what the work gives, and leaves no timer behind", async () => {
    await expect(withDeadline(Promise.resolve(7), LIMIT, "The sum")).resolves.toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects as the work rejects, and leaves no timer behind", async () => {
    const thrown = new TypeError("no");
    await expect(withDeadline(Promise.reject(thrown), LIMIT, "The sum")).rejects.toBe(thrown);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits until the limit and no longer", async () => {
    const settled = vi.fn();
    withDeadline(never(), LIMIT, "The sum").catch(settled);
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledOnce();
  });

  it("says what did not answer, and within how many seconds", async () => {
    const wait = expect(withDeadline(never(), LIMIT, "The sum")).rejects.toMatchObject({
      name: "IngleError",
      code: "timed-out",
      message: "The sum did not answer within 2.5 s.",
    });
    await vi.advanceTimersByTimeAsync(LIMIT);
    await wait;
  });

  it("lets work fail late without anybody noticing", async () => {
    let fail: (reason: Error) => void = () => undefined;
    const work = new Promise<never>((_resolve, reject) => (fail = reject));
    const wait = expect(withDeadline(work, LIMIT, "The sum")).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(LIMIT);
    await wait;
    fail(new Error("too late"));
    await vi.advanceTimersByTimeAsync(1); // an unhandled rejection here fails the run
  });
});
