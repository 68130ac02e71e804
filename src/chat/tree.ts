/** Messages as a tree: what answers what, which branch is shown, what is beside it. Pure. */
import { messageOf, type Conversation, type Message, type Messages } from "./message";

type Children = ReadonlyMap<string | undefined, readonly string[]>;

/** Made once for each set of messages: asking for every message's siblings must not look at all messages each time. */
const indices = new WeakMap<Messages, Children>();

/** Oldest first; undefined for the beginnings. */
export function childrenOf(messages: Messages, parent: string | undefined): readonly string[] {
  let index = indices.get(messages);
  if (index === undefined) {
    index = indexOf(messages);
    indices.set(messages, index);
  }
  return index.get(parent) ?? [];
}

function indexOf(messages: Messages): Children {
  const index = new Map<string | undefined, string[]>();
  for (const { id, parent } of inOrder(messages)) {
    const children = index.get(parent);
    if (children === undefined) index.set(parent, [id]);
    else children.push(id);
  }
  return index;
}

/** Oldest first, and always the same, wherever the messages come from. */
export function inOrder(messages: Messages): Message[] {
  return [...messages.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

export interface ShownMessage {
  readonly message: Message;
  /** The ids of all that stand where it stands, itself among them, oldest first. */
  readonly siblings: readonly string[];
}

/** The branch that is shown, from its beginning on. */
export function shownPath(conversation: Conversation): readonly ShownMessage[] {
  return pathTo(conversation, conversation.leaf).map((message) => ({
    message,
    siblings: childrenOf(conversation.messages, message.parent),
  }));
}

/** A message with all that it follows, the first one first. */
export function pathTo(conversation: Conversation, id: string | undefined): readonly Message[] {
  const path: Message[] = [];
  let message = id === undefined ? undefined : messageOf(conversation, id);
  while (message !== undefined) {
    path.push(message);
    message = message.parent === undefined ? undefined : messageOf(conversation, message.parent);
  }
  return path.reverse();
}

/** Shows the branch of a message: of what follows it, always the newest. */
export function showBranch(conversation: Conversation, id: string): Conversation {
  return conversation.messages.has(id) ? { ...conversation, leaf: newestEnd(conversation.messages, id) } : conversation;
}

/** The end of the branch on which always the newest follows. */
export function newestEnd(messages: Messages, id: string): string {
  let end = id;
  for (;;) {
    const next = childrenOf(messages, end).at(-1);
    if (next === undefined) return end;
    end = next;
  }
}

/** A message and all that follows it. */
export function branchOf(messages: Messages, id: string): ReadonlySet<string> {
  const branch = new Set([id]);
  for (const each of branch) for (const child of childrenOf(messages, each)) branch.add(child);
  return branch;
}

/**
 * A tree of whatever messages there are: a message whose parent is not among them is a beginning, a circle is cut open,
 * of several with one id the first counts, and the shown branch is one that exists.
 */
export function soundTree(
  given: Iterable<Message>,
  wantedLeaf: string | undefined,
): { readonly messages: Messages; readonly leaf: string | undefined } {
  const messages = new Map<string, Message>();
  for (const message of given) if (!messages.has(message.id)) messages.set(message.id, message);
  const isSound = new Set<string>();
  for (const { id } of [...messages.values()]) {
    const walked = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && !isSound.has(at);) {
      walked.add(at);
      const message: Message | undefined = messages.get(at);
      if (message === undefined) break;
      const { parent } = message;
      const isLost = parent !== undefined && (!messages.has(parent) || walked.has(parent));
      if (isLost) messages.set(at, { ...message, parent: undefined });
      at = isLost ? undefined : parent;
    }
    for (const each of walked) isSound.add(each);
  }
  const shown = wantedLeaf !== undefined && messages.has(wantedLeaf) ? wantedLeaf : inOrder(messages).at(-1)?.id;
  return { messages, leaf: shown === undefined ? undefined : newestEnd(messages, shown) };
}
