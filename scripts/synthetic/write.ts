/**
 * Writes a synthetic model to disk and says its SHA-256.
 *
 *     npx tsx scripts/synthetic/write.ts OUT --shape qwen2.5-0.5b --mix q4_k_m [--seed 1]
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type SyntheticGguf, syntheticGguf } from "./gguf";
import { MIXES } from "./mixes";
import { type ShapeName, SHAPES } from "./shapes";

/** @returns the file's SHA-256 in hexadecimal */
export function writeSyntheticGguf(path: string, model: SyntheticGguf): string {
  const hash = createHash("sha256");
  const file = openSync(path, "w");
  try {
    for (const piece of model.stream()) {
      hash.update(piece);
      writeSync(file, piece);
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      shape: { type: "string", default: "qwen2.5-0.5b" },
      mix: { type: "string", default: "q4_k_m" },
      seed: { type: "string", default: "1" },
    },
  });
  const [path] = positionals;
  const shape = (Object.keys(SHAPES) as ShapeName[]).find((name) => name === values.shape);
  const mix = MIXES.find((name) => name === values.mix);
  if (path === undefined || shape === undefined || mix === undefined) {
    console.error(
      `scripts/synthetic/write.ts OUT --shape ${Object.keys(SHAPES).join("|")} --mix ${MIXES.join("|")} [--seed 1]`,
    );
    process.exitCode = 2;
    return;
  }
  const model = syntheticGguf(shape, { mix, seed: Number(values.seed) });
  const started = performance.now();
  const sha256 = writeSyntheticGguf(path, model);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${sha256}  ${path}: ${model.size} bytes, ${Math.round(model.size / 1e6 / seconds)} MB/s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
