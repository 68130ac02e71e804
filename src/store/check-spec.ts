/** Whether what a program hands over is what its type says: types end at the worker's boundary. */
import * as v from "valibot";
import { IngleError } from "../shared/errors";
import type { ChosenFile, ModelSpec, SourceName } from "./model-spec";

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(5000));
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));

const specSchema = v.object({
  id: text,
  name: v.string(),
  files: v.pipe(
    v.array(
      v.object({
        name: text,
        pieces: v.pipe(v.array(v.object({ url: text, bytes: v.optional(bytes) })), v.nonEmpty()),
        digest: v.optional(
          v.variant("algorithm", [
            v.object({ algorithm: v.literal("sha256"), hex: hex(64) }),
            v.object({ algorithm: v.literal("md5"), hex: hex(32) }),
            v.object({ algorithm: v.literal("git-blob"), hex: hex(40) }),
          ]),
        ),
      }),
    ),
    v.nonEmpty(),
  ),
  origin: v.optional(v.object({ host: text, repository: text, revision: text })),
});

const address = v.pipe(v.string(), v.maxLength(5000));
const sourceSchema = v.variant("kind", [
  v.object({
    kind: v.literal("repository"),
    repository: text,
    host: v.optional(address),
    revision: v.optional(text),
    files: v.optional(v.array(text)),
    library: v.optional(address),
  }),
  v.object({ kind: v.literal("gguf"), url: address }),
  v.object({ kind: v.literal("mlc"), url: address, library: v.optional(address) }),
  v.object({ kind: v.literal("starter"), page: v.pipe(v.string(), v.url()) }),
]);

const chosenSchema = v.array(v.object({ name: text, file: v.instance(Blob) }));

/** @throws IngleError "request-invalid" naming what of it makes no sense. */
export function checkSpec(spec: ModelSpec): void {
  check(specSchema, spec, "model's spec", ' Take the one that "describe" gives.');
}

/** @throws IngleError "request-invalid" naming what of it makes no sense. */
export function checkSource(source: SourceName): void {
  check(sourceSchema, source, "model's source");
}

/** @throws IngleError "request-invalid" naming what of them makes no sense. */
export function checkChosen(chosen: readonly ChosenFile[]): void {
  check(chosenSchema, chosen, "list of files");
}

function check(schema: v.GenericSchema, value: unknown, what: string, advice = ""): void {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new IngleError(
    "request-invalid",
    `This is no ${what}: ${path === null ? "it" : `its "${path.slice(0, 100)}"`} makes no sense or is missing.${advice}`,
  );
}
