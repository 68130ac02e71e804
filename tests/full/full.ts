/** Runs a test command with all that is too long for every run: `tsx tests/full/full.ts playwright test …`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [command = "", ...args] = process.argv.slice(2);
const { status } = spawnSync("npx", ["--no-install", command, ...args], {
  cwd: fileURLToPath(new URL("../..", import.meta.url)),
  stdio: "inherit",
  env: { ...process.env, INGLE_FULL: "1" },
});
process.exitCode = status ?? 1;
