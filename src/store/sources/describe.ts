/** From what a person names a model by to its spec: its files, their sizes and their published sums. */
import { checkSource } from "../check-spec";
import type { ModelSpec, SourceName } from "../model-spec";
import { describeGguf, describeMlcFolder, libraryAt } from "./folder";
import { describeRepository, repositoryAt } from "./hugging-face";
import { describeStarter } from "./starter";

export { latestRevision } from "./hugging-face";

/** @throws IngleError "host-invalid"; "request-invalid"; "source-failed"; "starter-missing"; "aborted" */
export async function describeModel(source: SourceName, signal: AbortSignal): Promise<ModelSpec> {
  checkSource(source);
  const spec = await describeFiles(source, signal);
  const library = "library" in source ? source.library : undefined;
  return library === undefined ? spec : withLibrary(spec, library);
}

/** The same files with a library are another model: one has to be fetched for the other. */
function withLibrary(spec: ModelSpec, library: string): ModelSpec {
  const file = libraryAt(library);
  const [first, ...rest] = spec.files;
  return { ...spec, id: `${spec.id}/${file.name}`, files: [first, ...rest, file] };
}

async function describeFiles(source: SourceName, signal: AbortSignal): Promise<ModelSpec> {
  const known = "url" in source ? repositoryAt(source.url) : undefined;
  if (known !== undefined) return describeRepository(known, signal);
  switch (source.kind) {
    case "repository":
      return describeRepository(source, signal);
    case "gguf":
      return describeGguf(source.url);
    case "mlc":
      return describeMlcFolder(source.url, signal);
    case "starter":
      return describeStarter(new URL(source.page), signal);
  }
}
