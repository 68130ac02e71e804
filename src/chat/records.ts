/**
 * What conversations look like where they are kept or carried: IndexedDB, and our own files. What is missing or makes no
 * sense is left out rather than refused where the rest can stand without it; a message needs its id, role and text.
 */
import * as v from "valibot";
import type { Conversation, Message } from "./message";

/** Of the records in IndexedDB. What a newer Ingle wrote is not touched. */
export const RECORD_VERSION = 1;

/** [UTF-16 units] */
export const MOST_TITLE = 1000;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const name = v.pipe(v.string(), v.maxLength(1000));
/** [ms since 1970], as far as dates go. */
const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));

const usageSchema = v.pipe(
  v.object({
    promptTokens: amount,
    cachedTokens: amount,
    completionTokens: amount,
    timeToFirstTokenMs: amount,
    prefillTokensPerSecond: v.optional(amount),
    decodeTokensPerSecond: v.optional(amount),
    seed: amount,
  }),
  v.transform((usage) => ({
    ...usage,
    prefillTokensPerSecond: usage.prefillTokensPerSecond,
    decodeTokensPerSecond: usage.decodeTokensPerSecond,
  })),
);

export const messageSchema = v.pipe(
  v.object({
    id,
    parent: v.fallback(v.optional(id), undefined),
    role: v.picklist(["user", "assistant"]),
    content: v.string(),
    attachments: v.fallback(v.array(v.object({ name, text: v.string() })), []),
    state: v.fallback(v.picklist(["whole", "streaming", "cut-off"]), "cut-off"),
    model: v.fallback(v.optional(name), undefined),
    finishReason: v.fallback(v.optional(v.picklist(["stop", "length", "context"])), undefined),
    usage: v.fallback(v.optional(usageSchema), undefined),
    createdAt: v.fallback(time, 0),
  }),
  v.transform((message): Message => ({
    ...message,
    parent: message.parent,
    model: message.model,
    finishReason: message.finishReason,
    usage: message.usage,
  })),
);

/** What is known of a conversation without its messages. */
export type Head = Pick<Conversation, "id" | "title" | "isPinned" | "preset" | "createdAt" | "changedAt" | "leaf">;

const headEntries = {
  title: v.fallback(v.pipe(v.string(), v.maxLength(MOST_TITLE)), ""),
  isPinned: v.fallback(v.boolean(), false),
  preset: v.fallback(v.optional(id), undefined),
  createdAt: v.fallback(time, 0),
  changedAt: v.fallback(time, 0),
  leaf: v.fallback(v.optional(id), undefined),
};

/** As it stands in a file: without its id it is no conversation. */
export const headSchema = v.pipe(
  v.object({ id, ...headEntries }),
  v.transform((head): Head => ({ ...head, preset: head.preset, leaf: head.leaf })),
);

/** As it is kept, under its id: whatever else is broken, the conversation is still listed and its messages read. */
export interface KeptHead extends Head {
  /** [ms since 1970] When it was removed: for a while that can be undone. */
  readonly removedAt: number | undefined;
}

const keptSchema = v.object({ ...headEntries, removedAt: v.fallback(v.optional(time), undefined) });

/** @returns undefined for what is not there, or was written by a newer Ingle. */
export function readHead(id: string, record: unknown): KeptHead | undefined {
  if (record === undefined || isNewer(record)) return undefined;
  const { preset, leaf, removedAt, ...rest } = v.parse(keptSchema, isRecord(record) ? record : {});
  return { id, ...rest, preset, leaf, removedAt };
}

/** @returns undefined for what is broken, or was written by a newer Ingle. */
export function readMessage(record: unknown): Message | undefined {
  if (isNewer(record)) return undefined;
  const found = v.safeParse(messageSchema, record);
  return found.success ? found.output : undefined;
}

/** With only what a head has. */
export function headOf({ id, title, isPinned, preset, createdAt, changedAt, leaf }: Head): Head {
  return { id, title, isPinned, preset, createdAt, changedAt, leaf };
}

export function isNewer(record: unknown): boolean {
  return isRecord(record) && typeof record["version"] === "number" && record["version"] > RECORD_VERSION;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
