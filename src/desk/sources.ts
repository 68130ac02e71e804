/** Where models come from: the catalogue, an address that a person has, a disk. Pure. */
import type { BuildVerdict } from "../fit/verdict";
import { IngleError } from "../shared/errors";
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

/** A GGUF file, the first of its parts, or an MLC folder or repository. */
export function sourceAt(address: string): SourceName {
  const url = address.trim();
  return { kind: /\.gguf(?:$|[?#])/i.test(url) ? "gguf" : "mlc", url };
}

/** A GGUF, all of its parts, or an MLC folder's files. @throws IngleError "request-invalid" */
export function modelOf(files: readonly File[]): {
  readonly id: string;
  readonly name: string;
  readonly chosen: readonly ChosenFile[];
} {
  const [first] = files;
  if (first === undefined) throw new IngleError("request-invalid", "No file was chosen.");
  const isFolder = files.some(({ name }) => name === "mlc-chat-config.json");
  const name = isFolder ? "MLC model" : first.name.replace(/\.gguf$/i, "");
  return { id: `file/${name}`, name, chosen: files.map((file) => ({ name: file.name, file })) };
}
