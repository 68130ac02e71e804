/** Reads what `starter/manifest.json` says; `starter.ts` has its types. */
import * as v from "valibot";
import { IngleError } from "./errors";

const pieceSchema = v.object({ path: v.string(), bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });
const presentSchema = v.object({
  version: v.literal(1),
  name: v.string(),
  file: v.string(),
  pieces: v.pipe(v.tupleWithRest([pieceSchema], pieceSchema), v.maxLength(1000)),
});
const manifestSchema = v.union([v.object({ version: v.literal(1), missing: v.string() }), presentSchema]);

/** What is relied on of `StarterPresent`. */
export type StarterPieces = v.InferOutput<typeof presentSchema>;

/** @throws IngleError "starter-missing" */
export function readStarterManifest(json: unknown): StarterPieces {
  const manifest = v.safeParse(manifestSchema, json);
  if (!manifest.success) throw new IngleError("starter-missing", "The starter model's manifest can't be read.");
  if ("missing" in manifest.output) throw new IngleError("starter-missing", manifest.output.missing);
  return manifest.output;
}
