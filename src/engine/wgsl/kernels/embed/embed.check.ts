/** Runs the embedding's look-up against its twin, on seeded data. */
import type { Gpu } from "../../gpu/gpu";
import type { Comparison } from "../compare";
import type { WeightFormat } from "../decoders/decoders";
import { randomMatrix } from "../decoders/random-weights";
import { seededRandom } from "../random";
import { poisoned, runCheck, TOKENS_BEYOND } from "../run-check";
import { TOLERANCES } from "../tolerances";
import { compileEmbed } from "./embed";
import { embedReference } from "./embed.ref";

export interface EmbedCase {
  readonly segments: readonly { readonly format: WeightFormat; readonly rows: number }[];
  readonly width: number;
  readonly firstRow: number;
  /** Some are to lie in this part. */
  readonly tokens: readonly number[];
  readonly seed?: number;
}

export async function checkEmbed({ device }: Gpu, wanted: EmbedCase): Promise<Comparison> {
  const { segments, width, firstRow, tokens } = wanted;
  const random = seededRandom(wanted.seed ?? 2026);
  const matrix = randomMatrix(segments, width, random);
  const capacity = tokens.length + TOKENS_BEYOND;
  const nextNorm = Float32Array.from({ length: width }, () => random() * 3 - 1);
  const outputs = {
    residual: poisoned(capacity * width),
    normed: poisoned(capacity * width),
    squaresOut: poisoned((capacity * width) / 4),
  };
  const place = { width, firstRow, rows: matrix.rows };
  const expected = embedReference({ ...place, ...outputs, row: (index) => matrix.row(index), tokens, nextNorm });
  // What the kernel is not to look at names this part's first row.
  const prompt = Uint32Array.from({ length: capacity }, (_, i) => tokens[i] ?? firstRow);
  return runCheck(device, {
    kernel: await compileEmbed(device, { segments: matrix.segments, ...place }),
    contents: { weights: matrix.words, tokens: prompt, nextNorm, ...outputs },
    state: { position: 0, count: tokens.length },
    outputs: Object.fromEntries(
      Object.entries(expected).map(([name, of]) => [name, { expected: of, tolerance: TOLERANCES.embed }]),
    ),
  });
}
