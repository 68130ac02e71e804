/** The starter model, from the page's own origin: in pieces, and held to the sum that is pinned in the code. */
import * as v from "valibot";
import { IngleError } from "../../shared/errors";
import { STARTER, STARTER_MANIFEST, STARTER_PATH } from "../../shared/starter";
import type { ModelSpec, Piece } from "../model-spec";
import { askJson } from "./ask-json";

const manifestSchema = v.union([
  v.object({ version: v.literal(1), missing: v.string() }),
  v.object({
    version: v.literal(1),
    pieces: v.pipe(
      v.array(v.object({ path: v.string(), bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
      v.minLength(1),
      v.maxLength(1000),
    ),
  }),
]);

/** @throws IngleError "starter-missing"; "aborted" */
export async function describeStarter(page: URL, signal: AbortSignal): Promise<ModelSpec> {
  const folder = new URL(STARTER_PATH, page);
  const url = new URL(STARTER_MANIFEST, folder).href;
  const { value } = await askJson(url, manifestSchema, "The starter model's manifest", signal).catch(
    (cause: unknown) => {
      if (signal.aborted) throw cause;
      throw new IngleError("starter-missing", "This page was published without its starter model.", { cause });
    },
  );
  if ("missing" in value) throw new IngleError("starter-missing", value.missing);
  const [first, ...rest] = value.pieces.map(({ path, bytes }): Piece => ({ url: new URL(path, folder).href, bytes }));
  if (first === undefined) throw new IngleError("starter-missing", "The starter model's manifest names no pieces.");
  const digest = { algorithm: "sha256", hex: STARTER.sha256 } as const;
  return { id: "starter", name: STARTER.name, files: [{ name: STARTER.file, pieces: [first, ...rest], digest }] };
}
