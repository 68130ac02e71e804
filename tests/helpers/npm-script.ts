/** Runs one of npm's scripts as a terminal would: in a process group of its own, without npm's own lines. */
import { spawn } from "node:child_process";

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Script = "ask" | "bench" | "check";

export function startScript(script: Script, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += String(data)));
  child.stderr.on("data", (data) => (stderr += String(data)));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return { child, outcome, told: () => stderr };
}
