/** A GGUF model's tensors by name: hands out each in the shape asked for, and knows in the end that all were. */
import type { ByteSource } from "./byte-source";
import type { GgufTensor } from "./gguf-header";
import type { MatrixTensor, MatrixType, VectorTensor, VectorType } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";
import { bytesPerRow } from "./repack";
import { checkRanges, type NamedRange } from "./tensor-ranges";

/** ggml's types by number; https://github.com/ggml-org/ggml/blob/master/include/ggml.h (enum ggml_type). */
const TYPES: Readonly<Record<number, MatrixType>> = {
  0: "f32",
  1: "f16",
  2: "q4_0",
  3: "q4_1",
  6: "q5_0",
  7: "q5_1",
  8: "q8_0",
  12: "q4_k",
  13: "q5_k",
  14: "q6_k",
  30: "bf16",
};

/** Their names, for refusing them; any other has only its number. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

const VECTOR_BYTES: Readonly<Record<VectorType, number>> = { f32: 4, f16: 2, bf16: 2 };

/** Old converters wrote RoPE's frequencies once a layer; llama.cpp leaves them aside too, and computes them. */
const NOT_NEEDED = /^blk\.\d+\.(?:attn_rot_embd|attn_rot_embd\.freqs|rope_freqs\.weight)$/;

export class TensorTable {
  readonly #sources: readonly ByteSource[];
  readonly #tensors = new Map<string, { readonly tensor: GgufTensor; readonly source: number }>();
  readonly #taken = new Map<string, NamedRange>();

  /**
   * @param parts the tensors of each source, in the sources' order.
   * @throws IngleError "model-invalid" when two parts have a tensor of one name.
   */
  constructor(sources: readonly ByteSource[], parts: readonly (readonly GgufTensor[])[]) {
    this.#sources = sources;
    for (const [source, tensors] of parts.entries()) {
      for (const tensor of tensors) {
        if (this.#tensors.has(tensor.name)) {
          throw invalid(this.#fileOf(source), `tensor ${quoted(tensor.name)} is in another part too`);
        }
        this.#tensors.set(tensor.name, { tensor, source });
      }
    }
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Rows of a matrix, whatever its columns; its other checks are `matrix`'s. */
  rowsOf(name: string): number {
    return this.#find(name).tensor.dimensions[1] ?? 1;
  }

  /**
   * @param keep only so many of the rows, from the first on.
   * @throws IngleError "model-invalid" when it is missing or of another shape; "model-unsupported" naming its type.
   */
  matrix(name: string, rows: number, columns: number, keep = rows): MatrixTensor {
    const { tensor, source } = this.#find(name);
    const file = this.#fileOf(source);
    this.#checkShape(tensor, [columns, rows], file);
    const type = typeOf(tensor, file);
    // The config's sums are multiples of 32 by now; K-quants need more.
    if ((type === "q4_k" || type === "q5_k" || type === "q6_k") && columns % 256 !== 0) {
      throw invalid(file, `tensor ${quoted(name)} is ${type.toUpperCase()} with rows of ${columns}`);
    }
    const data = { source, offset: tensor.offset, bytes: keep * bytesPerRow(type, columns) };
    this.#taken.set(name, { name, range: { ...data, bytes: rows * bytesPerRow(type, columns) } });
    return { name, type, rows: keep, columns, data };
  }

  /** @throws IngleError as `matrix`. */
  vector(name: string, length: number): VectorTensor {
    const { tensor, source } = this.#find(name);
    const file = this.#fileOf(source);
    this.#checkShape(tensor, [length], file);
    const type = typeOf(tensor, file);
    if (type !== "f32" && type !== "f16" && type !== "bf16") {
      throw unsupported(file, `tensor ${quoted(name)} is of type ${type.toUpperCase()}`);
    }
    const data = { source, offset: tensor.offset, bytes: length * VECTOR_BYTES[type] };
    this.#taken.set(name, { name, range: data });
    return { name, type, length, data };
  }

  /**
   * What was asked for lies in its file and in a place of its own, and nothing else is there: a tensor left out (an
   * adapter, a bias, a scale) would change what the model says without a word.
   *
   * @throws IngleError "model-invalid"; "model-unsupported" naming a tensor nobody asked for.
   */
  finish(): void {
    checkRanges([...this.#taken.values()], this.#sources);
    for (const [name, { source }] of this.#tensors) {
      if (this.#taken.has(name) || NOT_NEEDED.test(name)) continue;
      throw unsupported(this.#fileOf(source), `it has a tensor of unknown use, ${quoted(name)}`);
    }
  }

  #find(name: string): { readonly tensor: GgufTensor; readonly source: number } {
    const found = this.#tensors.get(name);
    if (!found) throw invalid(this.#fileOf(0), `tensor ${quoted(name)} is missing`);
    return found;
  }

  #fileOf(source: number): string {
    return this.#sources[source]?.name ?? "";
  }

  /** Dimensions of 1 at the end say nothing. */
  #checkShape({ name, dimensions }: GgufTensor, wanted: readonly number[], file: string): void {
    if (dimensions.every((size, i) => size === (wanted[i] ?? 1)) && dimensions.length >= wanted.length) return;
    if (wanted.length > dimensions.length && wanted.every((size, i) => size === (dimensions[i] ?? 1))) return;
    throw invalid(file, `tensor ${quoted(name)} has the shape ${dimensions.join(" × ")}, not ${wanted.join(" × ")}`);
  }
}

function typeOf({ name, type }: GgufTensor, file: string): MatrixType {
  const known = TYPES[type];
  if (known) return known;
  throw unsupported(file, `tensor ${quoted(name)} is of type ${OTHER_TYPES[type] ?? `number ${type}`}`);
}
