/** Runs another program without stopping this one (whose lock has to go on beating), and never for ever. */
import { spawn } from "node:child_process";

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The longest without a sign of life, ms: a line of output, or a growing `grown`. */
  readonly patience: number;
  /** Asked again and again while the program runs: bytes it has written so far. */
  readonly grown?: () => Promise<number>;
  /** Hands its output on to stderr as it comes; stdout is for results. */
  readonly show?: boolean;
}

export interface RunOutcome {
  readonly ok: boolean;
  /** The end of what it printed. */
  readonly output: string;
  readonly silent: boolean;
}

const LOOK_MS = 500;
const MERCY_MS = 5_000;
const KEPT_CHARACTERS = 20_000;

export function runProgram([command = "", ...args]: readonly string[], options: RunOptions): Promise<RunOutcome> {
  const { env = {}, patience, grown, show = false } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    let output = "";
    let lastSign = Date.now();
    let size = 0;
    let silent = false;

    const hear = (data: unknown): void => {
      lastSign = Date.now();
      output = (output + String(data)).slice(-KEPT_CHARACTERS);
      if (show) process.stderr.write(String(data));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);

    const look = setInterval(() => {
      void grown?.().then((bytes) => {
        if (bytes > size) lastSign = Date.now();
        size = bytes;
      });
      if (Date.now() - lastSign < patience) return;
      silent = true;
      child.kill();
      setTimeout(() => child.kill("SIGKILL"), MERCY_MS).unref();
    }, LOOK_MS);

    const end = (ok: boolean): void => {
      clearInterval(look);
      resolve({ ok, output, silent });
    };
    child.on("error", (error) => {
      output += error.message;
      end(false);
    });
    child.on("close", (status) => end(status === 0 && !silent));
  });
}
