/** Conversations as a file of our own: versioned JSON with all branches, which reads back as the same conversations. */
import * as v from "valibot";
import { allMessages, type Conversation, type Message } from "../message";
import { headOf, headSchema, isRecord, messageSchema } from "../records";
import { inOrder, soundTree } from "../tree";
import { invalid } from "./bounded-json";
import type { LeftOutCount } from "./left-out";

export const FILE_KIND = "ingle-conversations";
const FILE_VERSION = 1;

const fileSchema = v.object({ conversations: v.array(v.unknown()) });
const messagesSchema = v.object({ messages: v.array(v.unknown()) });

export function toIngleFile(conversations: readonly Conversation[], now: Date = new Date()): string {
  const file = {
    kind: FILE_KIND,
    version: FILE_VERSION,
    exportedAt: now.toISOString(),
    conversations: conversations.map((conversation) => ({
      ...headOf(conversation),
      messages: inOrder(new Map(allMessages(conversation).map((message) => [message.id, ended(message)]))),
    })),
  };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

/** In a file nothing is being written. */
function ended(message: Message): Message {
  return message.state === "streaming" ? { ...message, state: "cut-off" } : message;
}

/** @throws IngleError "file-invalid" for a newer version, or where nothing is as it should be. */
export function readIngleFile(json: Readonly<Record<string, unknown>>, leftOut: LeftOutCount): Conversation[] {
  const version = json["version"];
  if (typeof version !== "number") throw invalid("it does not say which version of an export it is");
  if (version > FILE_VERSION) {
    throw invalid(
      `it has version ${version}, and this page reads version ${FILE_VERSION}. Reload the page for a newer one`,
    );
  }
  const file = v.safeParse(fileSchema, json);
  if (!file.success) throw invalid("it has no list of conversations");
  return file.output.conversations.flatMap((each) => {
    const head = v.safeParse(headSchema, each);
    const list = v.safeParse(messagesSchema, each);
    if (!isRecord(each) || !head.success || !list.success) {
      leftOut.add("conversation");
      return [];
    }
    const messages = list.output.messages.flatMap((message) => {
      const found = v.safeParse(messageSchema, message);
      return found.success ? [ended(found.output)] : [];
    });
    const sound = soundTree(messages, head.output.leaf);
    leftOut.add("message", list.output.messages.length - sound.messages.size);
    return [{ ...head.output, ...sound, growing: undefined, removed: new Map() }];
  });
}
