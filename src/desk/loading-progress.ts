import type { LoadProgress } from "../engine/engine";
import { Pace } from "../shared/pace";

/** Tells each stage's begin, and of what follows in it so much as an eye can use: 300 chunks a second are too many. */
export function seldom(tell: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  const pace = new Pace();
  let stage: LoadProgress["stage"] | undefined;
  return (progress) => {
    if (!pace.isDue(progress.stage !== stage)) return;
    stage = progress.stage;
    tell(progress);
  };
}
