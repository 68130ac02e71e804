/** How far a download is: one line that rewrites itself on a terminal; in a log, a line for every tenth. */
import { formatBytes } from "../../src/shared/units";

export interface Progress {
  /** @param total of all bytes; what is past it is not shown. */
  at(bytes: number, total: number): void;
  /** Ends the line, so that what is said next has one of its own. */
  pause(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const REWRITE_MS = 200;
const CLEAR_TO_END = "\u001b[K";

export function showProgress(output: Terminal, now: () => number = Date.now): Progress {
  return output.isTTY === true ? rewriting(output, now) : inTenths(output);
}

function rewriting(output: Terminal, now: () => number): Progress {
  let [shown, open] = [-Infinity, false];
  return {
    at(bytes, total) {
      if (now() - shown < REWRITE_MS && bytes < total) return;
      [shown, open] = [now(), true];
      output.write(`\r${line(bytes, total)}${CLEAR_TO_END}`);
    },
    pause() {
      if (open) output.write("\n");
      [shown, open] = [-Infinity, false];
    },
  };
}

function inTenths(output: Terminal): Progress {
  let tenth = 0;
  return {
    at(bytes, total) {
      const reached = Math.floor((10 * Math.min(bytes, total)) / total);
      if (reached > tenth) output.write(`${line(bytes, total)}\n`);
      tenth = reached; // falls when a download starts over
    },
    pause: () => undefined,
  };
}

function line(bytes: number, total: number): string {
  const done = Math.min(bytes, total);
  return `${String(Math.floor((100 * done) / total)).padStart(3)} %  ${formatBytes(done)} of ${formatBytes(total)}`;
}
