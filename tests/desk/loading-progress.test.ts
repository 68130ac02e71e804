import { expect, it, vi } from "vitest";
import { seldom } from "../../src/desk/loading-progress";

it("tells each stage's begin, and of what follows a few a second", () => {
  vi.useFakeTimers();
  try {
    const told: unknown[] = [];
    const tell = seldom((progress) => told.push(progress));
    tell({ stage: "reading" });
    tell({ stage: "tuning" });
    for (let done = 0; done <= 100; done++) {
      tell({ stage: "loading", bytesDone: done, bytesTotal: 100 });
      vi.advanceTimersByTime(10);
    }
    expect(told.slice(0, 3)).toEqual([
      { stage: "reading" },
      { stage: "tuning" },
      { stage: "loading", bytesDone: 0, bytesTotal: 100 },
    ]);
    expect(told.length).toBe(7);
  } finally {
    vi.useRealTimers();
  }
});
