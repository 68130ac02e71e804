/** `npm run gpu:full`: the GPU tests that are too long for every run. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, "run", "--config", "tests/config/vitest.gpu.config.ts"], {
  cwd: fileURLToPath(new URL("../..", import.meta.url)),
  stdio: "inherit",
  env: { ...process.env, INGLE_FULL: "1" },
});
process.exitCode = status ?? 1;
