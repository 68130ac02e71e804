/** How much is kept of conversations and presets. */
import { transact, visitAll } from "./database";
import { readHeads } from "./kept";
import { listPresets } from "./presets";

export interface KeptAmount {
  readonly conversations: number;
  readonly presets: number;
  /** As JSON; what a browser takes to keep it, none tells. */
  readonly bytes: number;
}

/** @throws IngleError "storage-failed"; "timed-out" */
export async function measureKept(): Promise<KeptAmount> {
  const [heads, presets] = await Promise.all([readHeads(), listPresets()]);
  const encoder = new TextEncoder();
  let bytes = 0;
  await transact("readonly", (records) =>
    visitAll(records, (record) => (bytes += encoder.encode(JSON.stringify(record)).byteLength)),
  );
  return { conversations: heads.length, presets: presets.length, bytes };
}
