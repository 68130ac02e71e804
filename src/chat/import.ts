/** Takes one conversation from outside into what is kept, so that nothing that is there is overwritten. */
import { read, readAll, removeAll, transact } from "./database";
import { hasAllOf } from "./merge";
import { allMessages, type Conversation } from "./message";
import { readHead, readMessage, headOf } from "./records";
import { putHead, putMessage } from "./save";

/** The ids that each of them has now. */
export interface Imported {
  readonly added: readonly string[];
  /** Their ids were taken by others, or by versions that lack something. */
  readonly copied: readonly string[];
  readonly alreadyHere: readonly string[];
}

/** @returns what became of it, and the id it has. */
export function importInto(conversation: Conversation): Promise<{ as: keyof Imported; id: string }> {
  const messages = allMessages(conversation);
  return transact("readwrite", async (records) => {
    const record = await read(records, ["head", conversation.id]);
    const head = readHead(conversation.id, record);
    let { id } = conversation;
    if (record !== undefined && head?.removedAt === undefined) {
      const all = await readAll(records, ["message", id]);
      const kept = new Map(
        all.flatMap((each) => [readMessage(each.record) ?? []].flat()).map((each) => [each.id, each]),
      );
      const isHere = messages.every((message) => {
        const there = kept.get(message.id);
        return there?.parent === message.parent && hasAllOf(there, message);
      });
      if (isHere) return { as: "alreadyHere", id };
      id = crypto.randomUUID();
    } else removeAll(records, ["message", id]); // of the one that was removed and comes back
    putHead(records, { ...headOf(conversation), id, removedAt: undefined });
    for (const message of messages) putMessage(records, id, message);
    return { as: id === conversation.id ? "added" : "copied", id };
  });
}
