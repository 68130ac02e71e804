/** Whether files from disk are a model, before a copy of them is made: what is none would only be told when it is loaded. */
import * as v from "valibot";
import { IngleError } from "../shared/errors";
import { MLC_CONFIG, MLC_LISTS } from "../shared/mlc-files";

const PART = /-(\d{5})-of-(\d{5})\.gguf$/i;
/** A list of a hundred thousand tensors has 20 MB. */
const MAX_LIST_BYTES = 64 * 2 ** 20;

const listSchema = v.object({ records: v.array(v.object({ dataPath: v.string() })) });
const configSchema = v.object({ tokenizer_files: v.array(v.string()) });

/**
 * @returns those that belong to the model: a GGUF, all of its parts, or an MLC folder's files.
 * @throws IngleError "request-invalid" naming what is wrong or missing.
 */
export async function checkFiles(files: readonly File[]): Promise<readonly File[]> {
  return files.some(({ name }) => name === MLC_CONFIG) ? checkFolder(files) : checkGguf(files);
}

async function checkGguf(files: readonly File[]): Promise<readonly File[]> {
  for (const file of files) {
    if ((await file.slice(0, 4).text()) !== "GGUF") {
      throw refused(`${file.name} is no GGUF file. Of an MLC model choose all files, ${MLC_CONFIG} among them.`);
    }
  }
  if (files.length > 1) {
    const count = Number(PART.exec(files[0]?.name ?? "")?.[2] ?? NaN);
    const numbers = new Set(files.map(({ name }) => PART.exec(name)?.[1]));
    if (Number.isNaN(count) || numbers.has(undefined)) {
      throw refused("These are several models. Choose one at a time, or all parts of one.");
    }
    if (numbers.size !== count) throw refused(`This model has ${count} parts; ${numbers.size} of them were chosen.`);
  }
  return files;
}

async function checkFolder(files: readonly File[]): Promise<readonly File[]> {
  const named = (name: string) => files.find((file) => file.name === name);
  const list = MLC_LISTS.map(named).find((file) => file !== undefined);
  if (list === undefined)
    throw refused(`The folder's list of weights is not among the files: ${MLC_LISTS.join(" or ")}.`);
  const config = await readJson(named(MLC_CONFIG), configSchema);
  const { records } = await readJson(list, listSchema);
  const wanted = new Set([
    MLC_CONFIG,
    list.name,
    ...config.tokenizer_files,
    ...records.map(({ dataPath }) => dataPath),
  ]);
  // Tokenizers name files that many a model lacks; weights are all needed.
  const missing = records.map(({ dataPath }) => dataPath).filter((name) => named(name) === undefined);
  const [first] = missing;
  if (first !== undefined) {
    throw refused(
      `${missing.length === 1 ? "A file is" : `${missing.length} files are`} missing, ${first} among them.`,
    );
  }
  return files.filter(({ name }) => wanted.has(name) || name.endsWith(".wasm"));
}

async function readJson<T>(file: File | undefined, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const name = file?.name ?? MLC_CONFIG;
  if (file === undefined || file.size > MAX_LIST_BYTES) throw refused(`${name} is too large to be one.`);
  try {
    return v.parse(schema, JSON.parse(await file.text()));
  } catch (cause) {
    throw new IngleError("request-invalid", `${name} can't be read: it is no MLC model's.`, { cause });
  }
}

const refused = (why: string) => new IngleError("request-invalid", why);
