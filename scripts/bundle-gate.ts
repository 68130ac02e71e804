/** The connect gate's code as one classic script, with this build's options in it. */
import { fileURLToPath } from "node:url";
import { build } from "vite";

export async function bundleGate(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL("../src/gate.ts", import.meta.url)), formats: ["iife"], name: "gate" },
    },
  });
  const bundled = Array.isArray(built) ? built[0] : built;
  if (bundled === undefined || !("output" in bundled)) throw new Error("The gate was not built.");
  return bundled.output[0].code;
}
