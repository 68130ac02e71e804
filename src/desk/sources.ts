/** Where models come from: the catalogue, an address that a person has, a disk. Pure. */
import type { BuildVerdict } from "../fit/verdict";
import { IngleError } from "../shared/errors";
import { MLC_CONFIG } from "../shared/mlc-files";
import type { ChosenFile, RepositorySource, SourceName } from "../store/model-spec";

/**
 * With WebLLM's library (5 MB or so) wherever it could run the model: engines can be compared then.
 *
 * @param host a mirror of Hugging Face. @throws IngleError "request-invalid"
 */
export function sourceOf(judged: BuildVerdict | undefined, host: string | undefined): RepositorySource {
  if (judged === undefined) throw new IngleError("request-invalid", "Nobody offers this model.");
  const { build, engine, engines } = judged;
  return {
    kind: "repository",
    repository: build.repository,
    ...(host !== undefined && { host }),
    ...((engine === "webllm" || engines.includes("webllm")) && { library: build.library }),
  };
}

/**
 * A GGUF file, the first of its parts, or an MLC folder or repository.
 *
 * @param library the address of what was compiled of an MLC model for WebLLM; "" where there is none.
 */
export function sourceAt(address: string, library = ""): SourceName {
  const url = address.trim();
  if (/\.gguf(?:$|[?#])/i.test(url)) return { kind: "gguf", url };
  return { kind: "mlc", url, ...(library.trim() !== "" && { library: library.trim() }) };
}

/** A GGUF, all of its parts, or an MLC folder's files. @throws IngleError "request-invalid" */
export function modelOf(files: readonly File[]): {
  readonly id: string;
  readonly name: string;
  readonly chosen: readonly ChosenFile[];
} {
  const [first] = files;
  if (first === undefined) throw new IngleError("request-invalid", "No file was chosen.");
  const isFolder = files.some(({ name }) => name === MLC_CONFIG);
  const name = isFolder ? folderOf(first) : first.name.replace(/\.gguf$/i, "");
  return { id: `file/${name}/${fingerprint(files)}`, name, chosen: files.map((file) => ({ name: file.name, file })) };
}

/** Where the browser says it. */
function folderOf({ webkitRelativePath }: File): string {
  return (webkitRelativePath as string | undefined)?.split("/").at(-2) ?? "MLC model";
}

/** Of what is known without reading: two models of one name are two, and the same files taken in again are the same. */
function fingerprint(files: readonly File[]): string {
  const said = files.map(({ name, size, lastModified }) => `${name}:${size}:${lastModified}`).toSorted();
  let hash = 0x811c9dc5; // FNV-1a: nobody is to be kept out by it
  for (const byte of new TextEncoder().encode(said.join("\n"))) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
