/**
 * What the README promises, in a fresh clone in another folder with an empty npm cache of its own: both of its lines,
 * twice in a row. The lines are read from the README itself. Takes as long as two installs and two test runs.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_LIMIT_MS = 300_000;
const TEST_LIMIT_MS = 1_500_000; // what `npm test` may take on two cores
const ROUNDS = 2;

const folder = mkdtempSync(join(tmpdir(), "ingle-clone-"));
const clone = join(folder, "ingle");
const env = { ...process.env, npm_config_cache: join(folder, "npm-cache") };

/** The README's first two shell blocks: what serves the app, what passes the tests. */
function readmeLines(): [string, string] {
  const readme = readFileSync(join(clone, "README.md"), "utf8");
  const [start, test] = [...readme.matchAll(/```sh\n(.*?)\n```/gs)].map(([, line]) => line);
  if (start === undefined || test === undefined) throw new Error("The README has not both of its lines.");
  return [start, test];
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(0)} s`;
}

/** Runs the line until it prints an address, opens that, and ends it again. */
async function serves(line: string): Promise<void> {
  const child = spawn(line, { shell: true, cwd: clone, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No address within ${START_LIMIT_MS / 1000} s.`)),
        START_LIMIT_MS,
      );
      let output = "";
      child.stdout.on("data", (data) => {
        output += String(data);
        const [found] = /http:\/\/localhost:\d+\S*/.exec(stripColour(output)) ?? [];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
      child.on("exit", (status) => {
        clearTimeout(timer);
        reject(new Error(`It ended with ${status ?? "a signal"} before it served.\n${output}`));
      });
    });
    const page = await (await fetch(address)).text();
    if (!page.includes("<ingle-app>")) throw new Error(`${address} serves something else.`);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid); // npm and what it started
  }
}

function stripColour(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** Runs the line to its end; what takes too long is ended with all that it started. */
async function passes(line: string): Promise<void> {
  const child = spawn(line, { shell: true, cwd: clone, env, detached: true, stdio: "inherit" });
  const timer = setTimeout(() => process.kill(-(child.pid ?? NaN)), TEST_LIMIT_MS);
  const [status] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  if (status !== 0) throw new Error(`"${line}" ended with ${status ?? "a time-out"}.`);
}

try {
  const cloned = spawnSync("git", ["clone", "--quiet", ROOT, clone], { stdio: "inherit" });
  if (cloned.status !== 0) throw new Error("The repository could not be cloned.");
  const [start, test] = readmeLines();
  for (let round = 1; round <= ROUNDS; round++) {
    let since = Date.now();
    await serves(start);
    console.log(`Round ${round}: "${start}" serves after ${seconds(since)}.`);
    since = Date.now();
    await passes(test);
    console.log(`Round ${round}: "${test}" passes in ${seconds(since)}.`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 1000 }); // what was ended may still write
}
