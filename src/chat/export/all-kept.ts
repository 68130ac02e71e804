/** All conversations as one file, straight from where they are kept: no talk needs to be open for it. */
import { asIngleError } from "../../shared/errors";
import { readConversation, readHeads } from "../kept";
import type { Conversation } from "../message";
import { toIngleFile } from "./ingle-file";

/** @throws IngleError "storage-failed"; "timed-out" */
export async function exportAllKept(): Promise<string> {
  const all: Conversation[] = [];
  for (const { id } of await readHeads()) {
    try {
      all.push((await readConversation(id, () => false)).conversation);
    } catch (thrown) {
      if (asIngleError(thrown).code !== "not-stored") throw thrown; // another tab removed it meanwhile
    }
  }
  return toIngleFile(all);
}
