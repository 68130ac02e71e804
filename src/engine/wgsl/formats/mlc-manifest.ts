/**
 * The list of an MLC model's tensors: tensor-cache.json, or ndarray-cache.json as it was called before 2025. What
 * writes it is TVM's python/tvm/contrib/tvmjs.py.
 */
import * as v from "valibot";
import { MiB } from "../../../shared/units";
import type { ByteSource } from "./byte-source";
import { checkJson, readJson } from "./json-file";
import { invalid, quoted } from "./refusals";

export interface MlcRecord {
  readonly name: string;
  readonly shape: readonly number[];
  /** What it is in memory: "uint32", "float16", "float32"; a float32 may lie in the file as bf16. */
  readonly dtype: string;
  readonly bytes: number;
  /** In its shard. */
  readonly offset: number;
  /** Index into the shards. */
  readonly shard: number;
}

export interface MlcManifest {
  readonly shards: readonly { readonly name: string; readonly bytes: number }[];
  readonly records: readonly MlcRecord[];
}

const LARGEST_FILE = 8 * MiB;
/** A 70B model at 4 bits has 1,300 shards. */
const MOST_SHARDS = 4096;
const MOST_RECORDS = 2 ** 16;

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const dimension = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const Manifest = v.object({
  records: v.pipe(
    v.array(
      v.object({
        // A name in the model's folder: not a way out of it, nor to another host.
        dataPath: v.pipe(v.string(), v.maxLength(200), v.regex(/^[\w-][\w.-]*$/)),
        nbytes: size,
        records: v.array(
          v.object({
            name: v.pipe(v.string(), v.maxLength(255)),
            shape: v.pipe(v.array(dimension), v.minLength(1), v.maxLength(4)),
            dtype: v.string(),
            nbytes: size,
            byteOffset: size,
          }),
        ),
      }),
    ),
    v.maxLength(MOST_SHARDS),
  ),
});

/** @throws IngleError "model-invalid" naming the file, and what of it; as the source does. */
export async function readMlcManifest(source: ByteSource, signal: AbortSignal): Promise<MlcManifest> {
  const manifest = checkJson(Manifest, await readJson(source, LARGEST_FILE, signal), source.name);
  const records = manifest.records.flatMap(({ records }, shard) =>
    records.map(({ name, shape, dtype, nbytes, byteOffset }) => ({
      name,
      shape,
      dtype,
      bytes: nbytes,
      offset: byteOffset,
      shard,
    })),
  );
  if (records.length > MOST_RECORDS) throw invalid(source.name, `it claims ${records.length} tensors`);
  const shards = manifest.records.map(({ dataPath, nbytes }) => ({ name: dataPath, bytes: nbytes }));
  const twice = firstTwice(records.map(({ name }) => name)) ?? firstTwice(shards.map(({ name }) => name));
  if (twice !== undefined) throw invalid(source.name, `${quoted(twice)} is there twice`);
  return { shards, records };
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
