import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The pure parts, in Node. What needs a browser is in tests/e2e, in a real one. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: [
      "tests/{api,shared,probe,catalogue,fit,chat,desk,talk,engine,worker,scripts,app,ui,config,helpers}/**/*.test.ts",
    ],
    maxWorkers: "100%", // of two cores Vitest would leave one alone
    // A test that was narrowed or switched off by mistake fails the run.
    allowOnly: false,
    passWithNoTests: false,
  },
});
