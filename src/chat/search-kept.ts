/** Searches all that is kept, a conversation at a time, so that no search holds the page up or the memory. */
import { throwIfAborted } from "../shared/errors";
import { readAll, transact } from "./database";
import { readHeads } from "./kept";
import { readMessage } from "./records";
import { find, wordsOf, type Excerpt } from "./search";

export interface SearchOptions {
  readonly signal: AbortSignal;
  /** [conversations] After which the search ends; 50 by default. */
  readonly limit?: number;
}

export interface SearchHit {
  readonly conversation: string;
  readonly title: string;
  /** The newest message that has all words; undefined where the title has. */
  readonly message: string | undefined;
  readonly excerpt: Excerpt;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Whether there may be more than the limit let through. */
  readonly isCut: boolean;
}

/** @throws IngleError "aborted" */
export async function searchKept(query: string, { signal, limit = 50 }: SearchOptions): Promise<SearchResult> {
  const words = wordsOf(query);
  const hits: SearchHit[] = [];
  if (words.length === 0) return { hits, isCut: false };
  for (const { id, title } of await readHeads()) {
    throwIfAborted(signal);
    const inTitle = find(title, words);
    const hit =
      inTitle === undefined ? await searchMessages(id, words, signal) : { message: undefined, excerpt: inTitle };
    if (hit === undefined) continue;
    if (hits.length === limit) return { hits, isCut: true };
    hits.push({ conversation: id, title, ...hit });
  }
  throwIfAborted(signal);
  return { hits, isCut: false };
}

async function searchMessages(
  conversation: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Pick<SearchHit, "message" | "excerpt"> | undefined> {
  const all = await transact("readonly", (records) => readAll(records, ["message", conversation]));
  const messages = all.flatMap(({ record }) => readMessage(record) ?? []).sort((a, b) => b.createdAt - a.createdAt);
  let sinceBreath = 0;
  for (const { id, content, attachments } of messages) {
    const text = [content, ...attachments.flatMap(({ name, text }) => [name, text])].join("\n");
    const excerpt = find(text, words);
    if (excerpt !== undefined) return { message: id, excerpt };
    sinceBreath += text.length;
    if (sinceBreath < BREATH_CHARACTERS) continue;
    sinceBreath = 0;
    await new Promise((resolve) => setTimeout(resolve));
    throwIfAborted(signal);
  }
  return undefined;
}

/** [characters] After so many the page gets its turn: they take some ten milliseconds. */
const BREATH_CHARACTERS = 500_000;
