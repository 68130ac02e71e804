/** Reads and removes conversations as they are kept. */
import { IngleError } from "../shared/errors";
import { read, readAll, remove, removeAll, transact } from "./database";
import type { Conversation, Message } from "./message";
import { headOf, isNewer, readHead, readMessage, type KeptHead } from "./records";
import { newer } from "./save";
import { soundTree } from "./tree";

export interface KeptConversation {
  readonly conversation: Conversation;
  /** Messages whose records are broken. They stay as they are. */
  readonly unreadable: number;
}

/** Pinned first, then the last changed first; without those removed. One that a newer Ingle wrote is not shown. */
export async function readHeads(): Promise<readonly KeptHead[]> {
  const all = await transact("readonly", (records) => readAll(records, ["head"]));
  return all
    .flatMap(({ id, record }) => readHead(id, record) ?? [])
    .filter(({ removedAt }) => removedAt === undefined)
    .sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1));
}

/**
 * @param isBeingWritten tells of a message that its record calls "streaming" whether that is still so.
 * @throws IngleError "not-stored"
 */
export async function readConversation(
  id: string,
  isBeingWritten: (message: string) => boolean,
): Promise<KeptConversation> {
  const { record, all } = await transact("readonly", async (records) => ({
    record: await read(records, ["head", id]),
    all: await readAll(records, ["message", id]),
  }));
  if (isNewer(record)) throw newer();
  const head = readHead(id, record);
  if (head?.removedAt !== undefined || head === undefined) {
    throw new IngleError("not-stored", "This conversation is not here any more.");
  }
  const messages = all
    .flatMap((each) => readMessage(each.record) ?? [])
    .map((message): Message => {
      const isCutOff = message.state === "streaming" && !isBeingWritten(message.id);
      return isCutOff ? { ...message, state: "cut-off" } : message;
    });
  return {
    conversation: { ...headOf(head), ...soundTree(messages, head.leaf), growing: undefined, removed: new Map() },
    unreadable: all.length - messages.length,
  };
}

/** All conversations, for good. */
export async function removeConversations(): Promise<void> {
  await transact("readwrite", async (records) => {
    removeAll(records, ["head"]);
    removeAll(records, ["message"]);
    return Promise.resolve();
  });
}

/** Those whose removal can no longer be undone. @param undoMs [ms] how long it can. */
export async function purge(undoMs: number): Promise<void> {
  await transact("readwrite", async (records) => {
    for (const { id, record } of await readAll(records, ["head"])) {
      const removedAt = readHead(id, record)?.removedAt;
      // A clock that was put back must not keep them for years.
      if (removedAt === undefined || Math.abs(Date.now() - removedAt) < undoMs) continue;
      remove(records, ["head", id]);
      removeAll(records, ["message", id]);
    }
  });
}
