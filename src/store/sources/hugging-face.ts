/**
 * A repository on Hugging Face or a mirror of it: its files, each with its size and the sum it is published under, at
 * one commit, so that what is downloaded today and tomorrow is one model.
 * https://huggingface.co/docs/hub/api
 */
import * as v from "valibot";
import { IngleError } from "../../shared/errors";
import type { FileSpec, ModelSpec, Origin, RepositorySource } from "../model-spec";
import { askJson } from "./ask-json";
import { hostUrl } from "./host-url";
import { partsOf, withoutPart } from "./parts";

const HUGGING_FACE = "https://huggingface.co";

const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const revisionSchema = v.object({ sha: commit });
const treeSchema = v.array(
  v.object({
    type: v.string(),
    path: v.pipe(v.string(), v.maxLength(500)),
    oid: v.string(),
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  }),
);
/** Of a thousand entries each. */
const MOST_PAGES = 10;

/** @throws IngleError "host-invalid"; "request-invalid"; "source-failed"; "aborted" */
export async function describeRepository(source: RepositorySource, signal: AbortSignal): Promise<ModelSpec> {
  const { repository } = source;
  const origin = await resolve(source, signal);
  const tree = await listTree(origin, signal);
  const wanted = source.files?.flatMap(partsOf);
  const isWanted = wanted === undefined ? isOfMlc : (path: string) => wanted.includes(path);
  const found = tree.filter(({ type, path }) => type === "file" && isWanted(path));
  const missing = wanted?.find((path) => !found.some((file) => file.path === path));
  if (missing !== undefined) throw new IngleError("source-failed", `${repository} has no file "${missing}".`);
  const files = found.map(({ path, size, oid, lfs }): FileSpec => {
    const url = `${origin.host}/${repository}/resolve/${origin.revision}/${path.split("/").map(encodeURIComponent).join("/")}`;
    const digest = lfs ? { algorithm: "sha256" as const, hex: lfs.oid } : { algorithm: "git-blob" as const, hex: oid };
    return { name: path, pieces: [{ url, bytes: size }], digest };
  });
  const [first, ...rest] = files;
  if (first === undefined) throw new IngleError("source-failed", `${repository} has no model's files.`);
  const name = withoutPart(source.files?.[0] ?? repository.replace(/^.*\//, "")).replace(/\.gguf$/, "");
  return { id: [repository, ...(source.files ?? [])].join("/"), name, files: [first, ...rest], origin };
}

/**
 * What people copy from Hugging Face's pages: the address of a repository, a folder or a file of it. By its repository it
 * comes with published sums.
 */
export function repositoryAt(address: string): RepositorySource | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  const match = /^\/([\w.-]+\/[\w.-]+)(?:\/(?:resolve|blob|tree)\/([^/]+)(?:\/(.+\.gguf))?)?\/?$/i.exec(pathname);
  if (origin !== HUGGING_FACE || match?.[1] === undefined) return undefined;
  const [, repository, revision, file] = match;
  return {
    kind: "repository",
    repository,
    ...(revision !== undefined && { revision: decodeURIComponent(revision) }),
    ...(file !== undefined && { files: [decodeURIComponent(file)] }),
  };
}

/** The commit that a branch is at now. @throws as `describeRepository` */
export async function latestRevision({ host, repository }: Origin, signal: AbortSignal): Promise<string> {
  return (await resolve({ kind: "repository", host, repository }, signal)).revision;
}

async function resolve(
  { host = HUGGING_FACE, repository, revision = "main" }: RepositorySource,
  signal: AbortSignal,
): Promise<Origin> {
  const base = hostUrl(host);
  if (!/^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(repository)) {
    throw new IngleError(
      "request-invalid",
      `"${repository.slice(0, 100)}" names no repository, such as Qwen/Qwen2.5-0.5B-Instruct-GGUF.`,
    );
  }
  if (commit.pipe[1].requirement.test(revision)) return { host: base, repository, revision };
  const url = `${base}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const { value } = await askJson(url, revisionSchema, `The list of files of ${repository}`, signal);
  return { host: base, repository, revision: value.sha };
}

async function listTree({ host, repository, revision }: Origin, signal: AbortSignal) {
  let url = `${host}/api/models/${repository}/tree/${revision}?recursive=true`;
  const entries: v.InferOutput<typeof treeSchema> = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const { value, headers } = await askJson(url, treeSchema, `The list of ${repository}'s files`, signal);
    entries.push(...value);
    const next = /<([^>]+)>;\s*rel="next"/.exec(headers.get("Link") ?? "")?.[1];
    if (next === undefined) return entries;
    // Of a mirror, too: it may pass on its original's links.
    const { pathname, search } = new URL(next, url);
    url = host + pathname + search;
  }
  throw new IngleError("source-failed", `${repository} has more files than any model.`);
}

/** What WebLLM and our engine read of an MLC model. */
function isOfMlc(path: string): boolean {
  return /^(?:mlc-chat-config\.json|(?:tensor|ndarray)-cache\.json|params_shard_\d+\.bin|tokenizer\.json|tokenizer\.model|tokenizer_config\.json|vocab\.json|merges\.txt|added_tokens\.json)$/.test(
    path,
  );
}
