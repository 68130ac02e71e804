/**
 * Where a matrix's rows go: into one buffer, or into several where it is larger than a binding may be. Tensors that
 * one dispatch reads together (q, k, v; gate, up) lie one below the other. Pure.
 */
import { IngleError } from "../../../shared/errors";
import { formatBytes } from "../../../shared/units";
import { layoutMatrix } from "../formats/layouts";
import type { MatrixTensor, MatrixType } from "../formats/model-file";
import type { Segment } from "../kernels/decoders/decoders";

/** Rows of a tensor that go into a part, and where. */
export interface Fill {
  readonly tensor: MatrixTensor;
  readonly fromRow: number;
  readonly rows: number;
  /** The first of them in the segment, and with it in each of its planes. */
  readonly segmentRow: number;
  readonly planes: readonly PlanePlace[];
}

/** A plane of a segment: word `firstWord + row × wordsPerRow` of the part's buffer is where a row begins. */
export interface PlanePlace {
  readonly firstWord: number;
  readonly wordsPerRow: number;
}

export interface MatrixPart {
  readonly label: string;
  /** The buffer's length, in 32-bit words. */
  readonly words: number;
  readonly segments: readonly Segment[];
  readonly fills: readonly Fill[];
  readonly firstQuad: number;
  readonly quads: number;
  /** The first of the tensor's rows, where it is split by rows. */
  readonly firstRow: number;
}

export interface MatrixPlan {
  readonly columns: number;
  /** Results in fours: of all rows, or for pairs of both halves. */
  readonly quads: number;
  readonly parts: readonly MatrixPart[];
}

/** How a matrix may be cut: between any rows; between pairs of row i of both halves (gate and up); not at all. */
export type Cut = "rows" | "pairs" | "none";

/** WebGPU lets a dispatch have so many workgroups in a row, and some forms take one for a quad. */
const MOST_QUADS = 65_535;

interface Slice {
  readonly tensor: MatrixTensor;
  readonly fromRow: number;
  readonly rows: number;
}

/** Rows are cut at multiples of this, so that quads, pairs of scales and tiles stay whole. */
const CUT_AT = 64;

/** @throws IngleError "model-unsupported" when a part can't be made small enough. */
export function planMatrix(
  label: string,
  tensors: readonly [MatrixTensor, ...MatrixTensor[]],
  cut: Cut,
  bindingBytes: number,
): MatrixPlan {
  const columns = tensors[0].columns;
  const rows = tensors.reduce((sum, tensor) => sum + tensor.rows, 0);
  const halves = cut === "pairs" ? 2 : 1;
  const units = rows / halves;
  const unitBytes = halves * Math.max(...tensors.map((tensor) => bytesPerRow(tensor.type, columns)));
  // A little less than the limit: each plane is padded to whole vectors.
  const fits = Math.min(
    Math.max(0, Math.floor((bindingBytes - 256) / unitBytes)),
    Math.floor((MOST_QUADS * 4) / halves),
  );
  const most = units <= fits ? units : Math.floor(fits / CUT_AT) * CUT_AT;
  if (units > most && (cut === "none" || most === 0)) {
    throw new IngleError(
      "model-unsupported",
      `${tensors[0].name} needs one binding of ${formatBytes(units * unitBytes)}; the device allows ${formatBytes(bindingBytes)}.`,
    );
  }
  const parts: MatrixPart[] = [];
  for (let first = 0; first < units; first += most) {
    const count = Math.min(most, units - first);
    const slices = Array.from({ length: halves }, (_, half) => sliceRows(tensors, half * units + first, count)).flat();
    const quads = Math.ceil((count * halves) / 4);
    parts.push({
      label: parts.length === 0 ? label : `${label} part ${parts.length + 1}`,
      firstQuad: (first * halves) / 4,
      quads,
      firstRow: first,
      ...placeSlices(slices, columns),
    });
  }
  return { columns, quads: Math.ceil(rows / 4), parts };
}

/** Rows [from, from + count) of the tensors, one below the other. */
function sliceRows(tensors: readonly MatrixTensor[], from: number, count: number): Slice[] {
  const slices: Slice[] = [];
  let first = 0;
  for (const tensor of tensors) {
    const begin = Math.max(from, first);
    const end = Math.min(from + count, first + tensor.rows);
    if (begin < end) slices.push({ tensor, fromRow: begin - first, rows: end - begin });
    first += tensor.rows;
  }
  return slices;
}

/** Neighbours of one type share their planes, so that a kernel needs no branch between them. */
function placeSlices(slices: readonly Slice[], columns: number): Pick<MatrixPart, "words" | "segments" | "fills"> {
  const runs: Slice[][] = [];
  for (const slice of slices) {
    const run = runs.at(-1);
    if (run?.[0]?.tensor.type === slice.tensor.type) run.push(slice);
    else runs.push([slice]);
  }
  const segments: Segment[] = [];
  const fills: Fill[] = [];
  let words = 0;
  for (const run of runs) {
    const format = run[0]?.tensor.type;
    if (format === undefined) continue;
    const rows = run.reduce((sum, slice) => sum + slice.rows, 0);
    const layout = layoutMatrix(format, rows, columns);
    const planes = layout.planes.map(({ firstWord, wordsPerRow }) => ({ firstWord: words + firstWord, wordsPerRow }));
    segments.push({ format, rows, planes: planes.map(({ firstWord }) => firstWord) });
    let segmentRow = 0;
    for (const slice of run) {
      fills.push({ ...slice, segmentRow, planes });
      segmentRow += slice.rows;
    }
    words += layout.words;
  }
  return { words, segments, fills };
}

function bytesPerRow(type: MatrixType, columns: number): number {
  // Of many rows, so that what is padded once does not count.
  return (layoutMatrix(type, 1024, columns).words * 4) / 1024;
}
