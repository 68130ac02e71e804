/** Writes what is not kept yet of a conversation into IndexedDB, beside what other tabs write. */
import { IngleError } from "../shared/errors";
import { isThere, put, read, readAll, remove } from "./database";
import { hasAllOf } from "./merge";
import { allMessages, messageOf, type Conversation, type Message } from "./message";
import { headOf, isNewer, readHead, readMessage, RECORD_VERSION, type KeptHead } from "./records";
import { pathTo } from "./tree";

export function putHead(records: IDBObjectStore, head: KeptHead): void {
  put(records, ["head", head.id], { version: RECORD_VERSION, ...headOf(head), removedAt: head.removedAt });
}

export function putMessage(records: IDBObjectStore, conversation: string, message: Message): void {
  put(records, ["message", conversation, message.id], { version: RECORD_VERSION, ...message });
}

/** What is to be compared with what is kept: not what was kept just so, nor what another tab writes. */
export function unsaved(conversation: Conversation, isKept: (message: Message) => boolean): readonly Message[] {
  const { growing } = conversation;
  return allMessages(conversation).filter(
    (message) => message.id === growing?.id || (message.state !== "streaming" && !isKept(message)),
  );
}

/**
 * Of the head only what follows from the messages: title, pin and preset are changed apart, so that a tab that has older
 * ones does not bring them back.
 *
 * @param isKnown whether it was there before: then that it is not there means that another tab removed it.
 * @returns the messages that were written.
 * @throws IngleError "not-stored"; "request-invalid" where another tab went on with the same reply.
 */
export async function saveInto(
  records: IDBObjectStore,
  conversation: Conversation,
  messages: readonly Message[],
  isKnown: boolean,
): Promise<readonly Message[]> {
  const { id } = conversation;
  const record = await read(records, ["head", id]);
  if (isNewer(record)) throw newer();
  const head = readHead(id, record);
  if (isKnown && (head === undefined || head.removedAt !== undefined)) {
    throw new IngleError(
      "not-stored",
      "This conversation was removed in another tab. Undo that there to go on with it.",
    );
  }
  const written = new Map<string, Message>();
  for (const message of messages) {
    const kept = readMessage(await read(records, ["message", id, message.id]));
    if (!isToWrite(conversation, message, kept)) continue;
    written.set(message.id, message);
    // What is answered stays: another tab may have removed it without knowing of the answer.
    for (const each of pathTo(conversation, message.parent).toReversed()) {
      if (written.has(each.id) || (await isThere(records, ["message", id, each.id]))) break;
      written.set(each.id, each);
    }
  }
  for (const message of written.values()) putMessage(records, id, message);
  await removeFrom(records, conversation, [...written.keys()]);
  if (head === undefined) putHead(records, { ...headOf(conversation), removedAt: undefined });
  else if (conversation.changedAt > head.changedAt || conversation.leaf !== head.leaf) {
    const { leaf, title } = conversation;
    const changedAt = Math.max(conversation.changedAt, head.changedAt);
    putHead(records, { ...head, leaf, changedAt, title: head.title || title });
  }
  return [...written.values()];
}

function isToWrite(conversation: Conversation, message: Message, kept: Message | undefined): boolean {
  const isGrowing = message.id === conversation.growing?.id;
  if (kept === undefined || message.content.startsWith(kept.content)) {
    return isGrowing || !hasAllOf(kept, message);
  }
  if (!isGrowing && hasAllOf(kept, message)) return false;
  throw new IngleError(
    "request-invalid",
    "Another tab went on with this reply, and its text is kept. Open the conversation again, and write the reply anew.",
  );
}

/** Removes what was removed, but for what another tab has answered meanwhile, which it would take along. */
async function removeFrom(
  records: IDBObjectStore,
  conversation: Conversation,
  written: readonly string[],
): Promise<void> {
  const { id, removed } = conversation;
  const gone = [...removed.keys()].filter((each) => messageOf(conversation, each) === undefined);
  if (gone.length === 0) return;
  const parents = new Map<string, string | undefined>();
  for (const { record } of await readAll(records, ["message", id])) {
    const message = readMessage(record);
    if (message !== undefined) parents.set(message.id, message.parent);
  }
  const keep = new Set<string>();
  for (const start of [...parents.keys(), ...written].filter((each) => !removed.has(each))) {
    for (let at: string | undefined = start; at !== undefined && !keep.has(at); at = parents.get(at)) keep.add(at);
  }
  for (const each of gone) if (!keep.has(each)) remove(records, ["message", id, each]);
}

export function newer(): IngleError {
  return new IngleError(
    "not-stored",
    "A newer version of Ingle wrote this conversation. Reload the page to get that version.",
  );
}
