/**
 * Reads ChatGPT's conversations.json. Each conversation is a `mapping` of nodes, of which only some are messages that
 * people saw: what follows one that is left out follows what that followed.
 */
import * as v from "valibot";
import type { Conversation, Message } from "../message";
import { isRecord } from "../records";
import { titleOf } from "../title";
import { soundTree } from "../tree";
import type { LeftOutCount, LeftOutKind } from "./left-out";

const text = v.fallback(v.optional(v.string()), undefined);
const isTrue = v.fallback(v.boolean(), false);
/** [s since 1970] */
const time = v.fallback(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e12))), undefined);

const messageSchema = v.object({
  author: v.object({ role: v.string() }),
  content: v.object({ content_type: text, parts: v.fallback(v.array(v.unknown()), []) }),
  create_time: time,
  recipient: text,
  metadata: v.fallback(v.object({ is_visually_hidden_from_conversation: isTrue, model_slug: text }), {
    is_visually_hidden_from_conversation: false,
    model_slug: undefined,
  }),
});

const nodeSchema = v.object({
  message: v.nullish(v.unknown()),
  parent: text,
  children: v.fallback(v.array(v.unknown()), []),
});

const conversationSchema = v.object({
  title: text,
  create_time: time,
  update_time: time,
  mapping: v.custom<Readonly<Record<string, unknown>>>(isRecord),
  current_node: text,
  conversation_id: text,
  id: text,
});

type Nodes = ReadonlyMap<string, v.InferOutput<typeof nodeSchema>>;
type Parents = ReadonlyMap<string, string>;

export function isChatGptFile(list: readonly unknown[]): boolean {
  return list.some((each) => isRecord(each) && isRecord(each["mapping"]));
}

export function readChatGptFile(list: readonly unknown[], leftOut: LeftOutCount): Conversation[] {
  return list.flatMap((each) => {
    const found = v.safeParse(conversationSchema, each);
    const conversation = found.success ? readOne(found.output, leftOut) : undefined;
    if (conversation === undefined) leftOut.add("conversation");
    return conversation ?? [];
  });
}

/** @returns undefined for one without any text. */
function readOne(json: v.InferOutput<typeof conversationSchema>, leftOut: LeftOutCount): Conversation | undefined {
  const nodes = readNodes(json.mapping, leftOut);
  const parents = parentsOf(nodes);
  const createdAt = inMilliseconds(json.create_time) ?? 0;
  const messages = new Map<string, Message>();
  for (const [id, { message }] of nodes) {
    // Where it says no time, the order of the file is what there is.
    const found = readMessage(id, message, createdAt + messages.size, leftOut);
    if (found !== undefined) messages.set(id, found);
  }
  const [first] = messages.values();
  if (first === undefined) return undefined;
  const nearest = (start: string | undefined) => nearestOf(messages, parents, start);
  const placed = Array.from(messages.values(), (message) => ({ ...message, parent: nearest(parents.get(message.id)) }));
  const ids = [json.conversation_id, json.id].filter((id) => id !== undefined && id !== "" && id.length <= 200);
  return {
    id: ids[0] ?? crypto.randomUUID(),
    title: titleOf(json.title ?? "") || titleOf(first.content),
    isPinned: false,
    preset: undefined,
    createdAt,
    changedAt: inMilliseconds(json.update_time) ?? createdAt,
    ...soundTree(placed, nearest(json.current_node)),
    growing: undefined,
    removed: new Map(),
  };
}

function readNodes(mapping: Readonly<Record<string, unknown>>, leftOut: LeftOutCount): Nodes {
  const nodes = new Map<string, v.InferOutput<typeof nodeSchema>>();
  for (const [id, json] of Object.entries(mapping)) {
    const found = v.safeParse(nodeSchema, json);
    if (found.success && id !== "" && id.length <= 200) nodes.set(id, found.output);
    else leftOut.add("message");
  }
  return nodes;
}

/** Of each node the one it follows: as it says itself, or else as that one says. */
function parentsOf(nodes: Nodes): Parents {
  const parents = new Map<string, string>();
  for (const [id, { children }] of nodes) {
    for (const child of children) if (typeof child === "string" && !parents.has(child)) parents.set(child, id);
  }
  for (const [id, { parent }] of nodes) if (parent !== undefined && nodes.has(parent)) parents.set(id, parent);
  return parents;
}

/** From a node upwards the first that is a message. */
function nearestOf(messages: ReadonlyMap<string, Message>, parents: Parents, start: string | undefined) {
  const walked = new Set<string>();
  let at = start;
  while (at !== undefined && !messages.has(at) && !walked.has(at)) {
    walked.add(at);
    at = parents.get(at);
  }
  return at !== undefined && messages.has(at) ? at : undefined;
}

function readMessage(id: string, json: unknown, fallbackTime: number, leftOut: LeftOutCount): Message | undefined {
  if (json === undefined || json === null) return undefined; // a node that only holds others together
  const found = v.safeParse(messageSchema, json);
  if (!found.success) {
    leftOut.add("message");
    return undefined;
  }
  const { author, content, metadata, create_time: createdAt } = found.output;
  const reason = whyLeftOut(found.output);
  if (reason !== undefined) {
    leftOut.add(reason);
    return undefined;
  }
  const texts = content.parts.map(textOf);
  leftOut.add("media", texts.filter((each) => each === undefined).length);
  const written = texts.filter((each) => each !== undefined && each !== "").join("\n\n");
  if (written === "") {
    leftOut.add("empty");
    return undefined;
  }
  return {
    id,
    parent: undefined, // known when all nodes are
    role: author.role === "user" ? "user" : "assistant",
    content: written,
    attachments: [],
    state: "whole",
    model: author.role === "user" ? undefined : metadata.model_slug?.slice(0, 1000),
    finishReason: author.role === "user" ? undefined : "stop",
    usage: undefined,
    createdAt: inMilliseconds(createdAt) ?? fallbackTime,
  };
}

function whyLeftOut({
  author,
  content,
  recipient,
  metadata,
}: v.InferOutput<typeof messageSchema>): LeftOutKind | undefined {
  if (metadata.is_visually_hidden_from_conversation) return "hidden";
  if (author.role === "system") return "system";
  if (author.role !== "user" && author.role !== "assistant") return "tool";
  if (recipient !== undefined && recipient !== "all") return "tool"; // the model's call of one
  if (content.content_type === "thoughts" || content.content_type === "reasoning_recap") return "thought";
  if (content.content_type === "user_editable_context" || content.content_type === "model_editable_context")
    return "system";
  return undefined;
}

/** Undefined for what is no text. */
function textOf(part: unknown): string | undefined {
  if (typeof part === "string") return part;
  // What was said aloud comes with what was understood.
  const isSpoken = isRecord(part) && part["content_type"] === "audio_transcription";
  return isSpoken && typeof part["text"] === "string" ? part["text"] : undefined;
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
