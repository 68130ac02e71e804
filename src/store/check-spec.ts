/** Whether what a program hands over as a model's spec is one: types end at the worker's boundary. */
import * as v from "valibot";
import { IngleError } from "../shared/errors";
import type { ModelSpec } from "./model-spec";

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

/** @throws IngleError "request-invalid" naming what of it makes no sense. */
export function checkSpec(spec: ModelSpec): void {
  const result = v.safeParse(specSchema, spec, { abortEarly: true });
  if (result.success) return;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new IngleError(
    "request-invalid",
    `This is no model's spec: ${path === null ? "it" : `its "${path.slice(0, 100)}"`} makes no sense or is missing. Take the one that "describe" gives.`,
  );
}
