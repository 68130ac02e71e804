import { describe, expect, it, vi } from "vitest";
import { Jobs } from "../../src/desk/jobs";
import { abortedError, IngleError } from "../../src/shared/errors";

const lost = new IngleError("device-lost", "The GPU was lost.");
const verifying = { kind: "verifying", progress: undefined } as const;

describe("what is done with a model", () => {
  it("is one thing at a time, shown until it ends", async () => {
    const onChange = vi.fn();
    const jobs = new Jobs(onChange);
    let end: () => void = () => undefined;
    const first = jobs.run("a", verifying, () => new Promise<void>((resolve) => (end = resolve)));
    const second = vi.fn(() => Promise.resolve());
    await jobs.run("a", { kind: "removing" }, second);
    expect(second).not.toHaveBeenCalled();
    expect(jobs.all.get("a")?.activity).toEqual(verifying);
    await jobs.run("b", { kind: "removing" }, second); // of another model
    expect(second).toHaveBeenCalledOnce();
    end();
    await first;
    expect(jobs.all.get("a")).toEqual({ activity: undefined, problem: undefined });
    expect(onChange).toHaveBeenCalled();
  });

  it("keeps why it failed, and forgets it with the next", async () => {
    const jobs = new Jobs(() => undefined);
    await jobs.run("a", verifying, () => Promise.reject(lost));
    expect(jobs.all.get("a")?.problem).toBe("The GPU was lost.");
    expect(jobs.problemOf("a")).toBe(lost);
    await jobs.run("a", verifying, () => Promise.resolve());
    expect(jobs.problemOf("a")).toBeUndefined();
  });

  it("is stopped without a word, and only while it goes on", async () => {
    const jobs = new Jobs(() => undefined);
    const work = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(abortedError())));
    const run = jobs.run("a", verifying, work);
    expect(jobs.stop("a")).toBe(true);
    await run;
    expect(jobs.problemOf("a")).toBeUndefined();
    expect(jobs.stop("a")).toBe(false);
    expect(jobs.stop("b")).toBe(false);
  });

  it("does not hide what happened meanwhile by itself", async () => {
    const onChange = vi.fn();
    const jobs = new Jobs(onChange);
    let end: () => void = () => undefined;
    const run = jobs.run("a", verifying, async (_signal, tell) => {
      await new Promise<void>((resolve) => (end = resolve));
      tell(verifying);
    });
    onChange.mockClear();
    jobs.tell("a", lost);
    expect(onChange).toHaveBeenCalledOnce();
    expect(jobs.all.get("a")).toEqual({
      activity: verifying,
      problem: "The GPU was lost.",
      problemCode: "device-lost",
    });
    end();
    await run;
    expect(jobs.all.get("a")).toEqual({
      activity: undefined,
      problem: "The GPU was lost.",
      problemCode: "device-lost",
    });
  });
});
