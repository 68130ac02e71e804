/** A plain folder on a web server: a GGUF by its address, or an MLC model with the MD5 sums of its own manifest. */
import * as v from "valibot";
import type { FileSpec, ModelSpec } from "../model-spec";
import { IngleError } from "../../shared/errors";
import { MLC_CONFIG, MLC_LISTS } from "../../shared/mlc-files";
import { askJson } from "./ask-json";
import { hostUrl } from "./host-url";
import { partsOf, withoutPart } from "./parts";

const name = v.pipe(v.string(), v.maxLength(200), v.regex(/^[\w-][\w.-]*$/));
const manifestSchema = v.object({
  records: v.pipe(
    v.array(
      v.object({
        dataPath: name,
        nbytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
        md5sum: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
      }),
    ),
    v.maxLength(4096),
  ),
});
const configSchema = v.object({ tokenizer_files: v.pipe(v.array(name), v.maxLength(20)) });

/** A GGUF file, the first of several too. @throws IngleError "host-invalid"; "request-invalid" */
export function describeGguf(address: string): ModelSpec {
  const url = hostUrl(address);
  const [first, ...rest] = partsOf(url);
  return { id: url, name: withoutPart(fileName(url)), files: [fileOf(first), ...rest.map(fileOf)] };
}

/** An MLC model by its folder. @throws IngleError "host-invalid"; "source-failed"; "aborted" */
export async function describeMlcFolder(address: string, signal: AbortSignal): Promise<ModelSpec> {
  const folder = hostUrl(address);
  const config = await askJson(`${folder}/${MLC_CONFIG}`, configSchema, MLC_CONFIG, signal);
  const { list, manifest } = await readManifest(folder, signal);
  const shards = manifest.records.map(({ dataPath, nbytes, md5sum }): FileSpec => {
    const digest = md5sum === undefined ? undefined : { algorithm: "md5" as const, hex: md5sum };
    return { name: dataPath, pieces: [{ url: `${folder}/${dataPath}`, bytes: nbytes }], digest };
  });
  const small = [list, ...config.value.tokenizer_files].map((each) => fileOf(`${folder}/${each}`));
  return {
    id: folder,
    name: fileName(folder),
    files: [fileOf(`${folder}/${MLC_CONFIG}`), ...small, ...shards],
  };
}

/** A library compiled for WebLLM: nobody publishes sums of those. @throws IngleError "host-invalid"; "request-invalid" */
export function libraryAt(address: string): FileSpec {
  const file = fileOf(hostUrl(address));
  if (file.name.endsWith(".wasm")) return file;
  throw new IngleError("request-invalid", `${file.name} is no compiled library: its name would end with ".wasm".`);
}

async function readManifest(folder: string, signal: AbortSignal) {
  const [newer, older] = MLC_LISTS;
  try {
    return { list: newer, manifest: (await askJson(`${folder}/${newer}`, manifestSchema, newer, signal)).value };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { list: older, manifest: (await askJson(`${folder}/${older}`, manifestSchema, older, signal)).value };
  }
}

function fileOf(url: string): FileSpec {
  return { name: fileName(url), pieces: [{ url }] };
}

function fileName(url: string): string {
  const path = new URL(url).pathname;
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a stray "%"
  }
}
