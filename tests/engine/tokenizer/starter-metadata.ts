/** The real vocabulary these tests need: 49,152 tokens are too many to commit, so they come with the starter model. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gguf } from "@huggingface/gguf";
import type { TokenizerSource } from "../../../src/engine/wgsl/formats/model-file.ts";

const STARTER = fileURLToPath(new URL("../../../.cache/starter/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url));

export async function starterTokenizer(): Promise<TokenizerSource> {
  if (!existsSync(STARTER)) throw new Error(`${STARTER} is missing: npm run starter`);
  const { metadata } = await gguf(STARTER, { allowLocalFile: true });
  return { kind: "gguf", metadata: metadata as unknown as Record<string, unknown> };
}
