/** An MLC model's tensors by name: hands out each in the shape asked for, and knows in the end that all were. */
import type { ByteSource } from "./byte-source";
import { WEIGHTS_PER_GROUP } from "./layouts";
import type { MlcRecord } from "./mlc-manifest";
import type { ByteRange, MatrixTensor, MatrixType, VectorTensor, VectorType } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";
import { bytesPerRow, scaleBytesPerRow, type MlcType } from "./repack";
import { checkRanges } from "./tensor-ranges";

const WEIGHTS_PER_WORD = 8;

/** By what the scales are. */
const QUANTISED: Readonly<Record<VectorType, MlcType>> = { f16: "mlc_q4_f16", bf16: "mlc_q4_bf16", f32: "mlc_q4_f32" };

export class MlcTensors {
  readonly #manifest: string;
  readonly #shards: readonly ByteSource[];
  readonly #records: ReadonlyMap<string, MlcRecord>;
  readonly #taken = new Set<string>();

  /** @param manifest the file the records are from, for messages. */
  constructor(manifest: string, records: readonly MlcRecord[], shards: readonly ByteSource[]) {
    this.#manifest = manifest;
    this.#shards = shards;
    this.#records = new Map(records.map((record) => [record.name, record]));
  }

  /** Whether there is a matrix of that name, quantised or not, or a vector. */
  has(name: string): boolean {
    return this.#records.has(`${name}.q_weight`) || this.#records.has(`${name}.weight`);
  }

  /** Rows of a matrix, whatever its columns; its other checks are `matrix`'s. */
  rowsOf(name: string): number {
    return this.#find(this.#records.has(`${name}.q_weight`) ? `${name}.q_weight` : `${name}.weight`).shape[0] ?? 1;
  }

  /**
   * @param name without what comes after the last dot.
   * @param keep only so many of the rows, from the first on.
   * @throws IngleError "model-invalid" naming the tensor.
   */
  matrix(name: string, rows: number, columns: number, keep = rows): MatrixTensor {
    if (!this.#records.has(`${name}.q_weight`)) {
      const weight = this.#take(`${name}.weight`, [rows, columns]);
      const type: MatrixType = this.#floatType(weight);
      const data = rangeOf(weight, keep * bytesPerRow(type, columns));
      return { name: weight.name, type, rows: keep, columns, data };
    }
    const quants = this.#take(`${name}.q_weight`, [rows, columns / WEIGHTS_PER_WORD]);
    if (quants.dtype !== "uint32" || quants.bytes !== (rows * columns) / 2) throw this.#wrongSize(quants);
    const scales = this.#take(`${name}.q_scale`, [rows, columns / WEIGHTS_PER_GROUP]);
    const type = QUANTISED[this.#floatType(scales)];
    return {
      name: quants.name,
      type,
      rows: keep,
      columns,
      data: rangeOf(quants, keep * bytesPerRow(type, columns)),
      scales: rangeOf(scales, keep * scaleBytesPerRow(type, columns)),
    };
  }

  /** @throws IngleError "model-invalid" naming the tensor. */
  vector(name: string, length: number): VectorTensor {
    const record = this.#take(name, [length]);
    return { name, type: this.#floatType(record), length, data: rangeOf(record, record.bytes) };
  }

  /**
   * As `TensorTable.finish`.
   *
   * @throws IngleError "model-invalid"; "model-unsupported" naming a tensor nobody asked for.
   */
  finish(): void {
    const ranges = [...this.#records.values()].map((record) => ({
      name: record.name,
      range: rangeOf(record, record.bytes),
    }));
    checkRanges(ranges, this.#shards);
    for (const name of this.#records.keys()) {
      if (!this.#taken.has(name)) {
        throw unsupported(this.#manifest, `it has a tensor of unknown use, ${quoted(name)}`);
      }
    }
  }

  #find(name: string): MlcRecord {
    const record = this.#records.get(name);
    if (!record) throw invalid(this.#manifest, `tensor ${quoted(name)} is missing`);
    return record;
  }

  #take(name: string, shape: readonly number[]): MlcRecord {
    const record = this.#find(name);
    if (record.shape.length !== shape.length || record.shape.some((size, i) => size !== shape[i])) {
      const [has, wants] = [record.shape, shape].map((sizes) => sizes.join(" × "));
      throw invalid(this.#manifest, `tensor ${quoted(name)} has the shape ${has}, not ${wants}`);
    }
    this.#taken.add(name);
    return record;
  }

  /**
   * How numbers lie in the file. The record's "format" says "f32-to-bf16" of every tensor of a file written with that
   * setting, the float16 and uint32 ones too, so the size tells.
   */
  #floatType(record: MlcRecord): VectorType {
    const count = record.shape.reduce((product, size) => product * size, 1);
    if (record.dtype === "float16" && record.bytes === 2 * count) return "f16";
    if (record.dtype === "bfloat16" && record.bytes === 2 * count) return "bf16";
    if (record.dtype === "float32" && record.bytes === 2 * count) return "bf16";
    if (record.dtype === "float32" && record.bytes === 4 * count) return "f32";
    throw this.#wrongSize(record);
  }

  #wrongSize({ name, dtype, bytes, shape }: MlcRecord): Error {
    const what = `${quoted(dtype)} of ${shape.join(" × ")} in ${bytes} bytes`;
    return invalid(this.#manifest, `tensor ${quoted(name)} can't be ${what}`);
  }
}

function rangeOf({ shard, offset }: MlcRecord, bytes: number): ByteRange {
  return { source: shard, offset, bytes };
}
