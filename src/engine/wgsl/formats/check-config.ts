/** What a model's numbers may be, whatever file they come from: they size everything that comes after. */
import { WEIGHTS_PER_GROUP } from "./layouts";
import type { ModelConfig } from "./model-file";
import { invalid, unsupported } from "./refusals";

export interface Bound {
  readonly least: number;
  readonly most: number;
}

/** Several times what the largest published Llama and Qwen2 models have. */
export const BOUNDS = {
  layers: { least: 1, most: 512 },
  width: { least: 1, most: 65_536 },
  heads: { least: 1, most: 1024 },
  headDim: { least: 1, most: 1024 },
  feedForward: { least: 1, most: 2 ** 20 },
  vocabulary: { least: 1, most: 2 ** 20 },
  contextLength: { least: 1, most: 2 ** 24 },
  rmsEpsilon: { least: 1e-12, most: 0.1 },
  ropeBase: { least: 1, most: 1e12 },
  ropeFactor: { least: 1e-6, most: 1e30 }, // some files switch a frequency off with 1e30
} as const satisfies Record<string, Bound>;

/** What two numbers must be to each other; each alone is within its bound by then. */
export function checkConfig(config: ModelConfig, file: string): void {
  const { heads, kvHeads, headDim, width, feedForward } = config;
  if (heads % kvHeads !== 0)
    throw invalid(file, `its ${heads} heads can't share ${kvHeads} key and value heads evenly`);
  if (headDim % 4 !== 0) throw unsupported(file, `its heads have ${headDim} dimensions, no multiple of 4`);
  for (const [what, columns] of [
    ["it is", width],
    ["its feed-forward is", feedForward],
    ["its heads together are", heads * headDim],
  ] as const) {
    if (columns % WEIGHTS_PER_GROUP !== 0) {
      throw unsupported(file, `${what} ${columns} wide, no multiple of ${WEIGHTS_PER_GROUP}`);
    }
  }
}
