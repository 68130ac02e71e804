/** Opens what stands for another tab. */
import { onTestFinished } from "vitest";
import type { Tasks } from "./tab";

export interface OtherTab {
  run<K extends keyof Tasks>(task: K, ...given: Parameters<Tasks[K]>): ReturnType<Tasks[K]>;
  /** Nothing of it runs any more. */
  crash(): void;
}

/** One task at a time. */
export function openTab(): OtherTab {
  const worker = new Worker(new URL("./tab.ts", import.meta.url), { type: "module" });
  onTestFinished(() => worker.terminate());
  return {
    run: (task, ...given) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<{ result: never } | { problem: string }>) => {
          if ("problem" in data) reject(new Error(data.problem));
          else resolve(data.result);
        };
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage({ task, given });
      }) as never,
    crash: () => worker.terminate(),
  };
}
