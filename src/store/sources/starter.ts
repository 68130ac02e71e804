/** The starter model, from where the page's own manifest says: in pieces, and held to the sum pinned in the code. */
import * as v from "valibot";
import { IngleError } from "../../shared/errors";
import { STARTER, STARTER_ID, STARTER_MANIFEST, STARTER_PATH } from "../../shared/starter";
import { readStarterManifest } from "../../shared/starter-manifest";
import type { ModelSpec, Piece } from "../model-spec";
import { askJson } from "./ask-json";

/** @throws IngleError "starter-missing"; "aborted" */
export async function describeStarter(page: URL, signal: AbortSignal): Promise<ModelSpec> {
  const folder = new URL(STARTER_PATH, page);
  const url = new URL(STARTER_MANIFEST, folder).href;
  const { value } = await askJson(url, v.unknown(), "The starter model's manifest", signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new IngleError("starter-missing", "This page was published without its starter model.", { cause });
  });
  const [first, ...rest] = readStarterManifest(value).pieces;
  const pieceOf = ({ path, bytes }: typeof first): Piece => ({ url: new URL(path, folder).href, bytes });
  const digest = { algorithm: "sha256", hex: STARTER.sha256 } as const;
  return {
    id: STARTER_ID,
    name: STARTER.name,
    files: [{ name: STARTER.file, pieces: [pieceOf(first), ...rest.map(pieceOf)], digest }],
  };
}
