/** Which type each tensor has, as llama.cpp's quantiser chooses (src/llama-quant.cpp). */
import type { Shape } from "./shapes";

/** ggml's number for a type, and its blocks. */
export const TYPES = {
  f32: { id: 0, elements: 1, bytes: 4 },
  f16: { id: 1, elements: 1, bytes: 2 },
  bf16: { id: 30, elements: 1, bytes: 2 },
  q4_0: { id: 2, elements: 32, bytes: 18 },
  q4_1: { id: 3, elements: 32, bytes: 20 },
  q5_0: { id: 6, elements: 32, bytes: 22 },
  q5_1: { id: 7, elements: 32, bytes: 24 },
  q8_0: { id: 8, elements: 32, bytes: 34 },
  q4_k: { id: 12, elements: 256, bytes: 144 },
  q5_k: { id: 13, elements: 256, bytes: 176 },
  q6_k: { id: 14, elements: 256, bytes: 210 },
} as const;

export type TypeName = keyof typeof TYPES;

/** llama.cpp's numbers for `general.file_type`; it has none for a rotation, which says "mostly f16". */
const FILE_TYPES = { q4_0: 2, q4_1: 3, q8_0: 7, f16: 1, q4_k_m: 15, "all-types": 1 } as const;

export type Mix = keyof typeof FILE_TYPES;

export const MIXES = Object.keys(FILE_TYPES) as readonly Mix[];

export function fileType(mix: Mix): number {
  return FILE_TYPES[mix];
}

export type MatrixRole = "embedding" | "head" | "q" | "k" | "v" | "attentionOutput" | "gate" | "up" | "down";

/** In an order that gives neighbours (q and k, gate and up) unlike types, so that one dispatch needs two decoders. */
const ROTATION: readonly TypeName[] = [
  "q5_0",
  "q4_k",
  "f16",
  "q8_0",
  "q6_k",
  "q4_0",
  "q5_k",
  "q4_1",
  "bf16",
  "q5_1",
  "f32",
];

/** What llama.cpp writes where a row holds no whole K-quant block. */
const FALLBACKS: Partial<Record<TypeName, TypeName>> = { q4_k: "q5_0", q5_k: "q5_1", q6_k: "q8_0" };

/** @param index the matrix's number in the file, for the rotation */
export function matrixType(
  shape: Shape,
  mix: Mix,
  role: MatrixRole,
  layer: number,
  columns: number,
  index: number,
): TypeName {
  const wanted = wantedType(shape, mix, role, layer, index);
  const fits = columns % TYPES[wanted].elements === 0;
  return fits ? wanted : (FALLBACKS[wanted] ?? wanted);
}

function wantedType(shape: Shape, mix: Mix, role: MatrixRole, layer: number, index: number): TypeName {
  const serves = role === "head" || (role === "embedding" && shape.tied);
  switch (mix) {
    case "all-types":
      return ROTATION[index % ROTATION.length] ?? "f16";
    case "f16":
    case "q8_0":
      return mix;
    case "q4_0":
    case "q4_1":
      // The matrix that makes the logits keeps more bits in every llama.cpp mix.
      return serves ? "q6_k" : mix;
    case "q4_k_m": {
      const more = (role === "v" || role === "down") && keepsMoreBits(layer, shape.layers);
      return serves || more ? "q6_k" : "q4_k";
    }
  }
}

/** llama.cpp's `use_more_bits`: the first and the last eighth of the layers, and every third between. */
function keepsMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}
