/** Reads a file of conversations, ours or ChatGPT's: whose it is shows inside. Pure. */
import type { Conversation } from "../message";
import { isRecord } from "../records";
import { invalid, parseBounded } from "./bounded-json";
import { isChatGptFile, readChatGptFile } from "./chatgpt-file";
import { FILE_KIND, readIngleFile } from "./ingle-file";
import { LeftOutCount, type LeftOut } from "./left-out";

export interface FileOfConversations {
  readonly conversations: readonly Conversation[];
  readonly leftOut: LeftOut;
}

/** @throws IngleError "file-invalid" with what is wrong with it. */
export function readConversationFile(text: string): FileOfConversations {
  const json = parseBounded(text);
  const leftOut = new LeftOutCount();
  const conversations = readKnown(json, leftOut);
  if (conversations.length === 0) throw invalid("there is no conversation in it");
  return { conversations, leftOut: leftOut.counts };
}

function readKnown(json: unknown, leftOut: LeftOutCount): readonly Conversation[] {
  if (isRecord(json) && json["kind"] === FILE_KIND) return readIngleFile(json, leftOut);
  const list: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (isChatGptFile(list)) return readChatGptFile(list, leftOut);
  throw invalid("it is neither an export of Ingle's nor ChatGPT's conversations.json");
}
