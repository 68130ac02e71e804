import type { LoadProgress } from "../engine/engine";

/** [ms] Each that is told has the page drawn anew, which where a GPU is computed on the processor costs as much as a chunk. */
const AT_MOST_EVERY_MS = 250;

/** Tells each stage's begin, and of what follows in it so much as an eye can use: 300 chunks a second are too many. */
export function seldom(tell: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  let stage: LoadProgress["stage"] | undefined;
  let toldAt = -Infinity;
  return (progress) => {
    const now = performance.now();
    if (progress.stage === stage && now - toldAt < AT_MOST_EVERY_MS) return;
    stage = progress.stage;
    toldAt = now;
    tell(progress);
  };
}
