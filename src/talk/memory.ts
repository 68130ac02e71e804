/** What a browser, or a tab, remembers of the talk beside the conversations: where storage is blocked, nothing. */
import * as v from "valibot";
import type { Attachment } from "../chat/message";

const MODEL = "ingle.talk.model";
const OPEN = "ingle.talk.open";
const DRAFTS = "ingle.talk.draft.";
const EDITS = "ingle.talk.edit.";
const FILES = "ingle.talk.files";
/** [UTF-16 units] Storage has room for some 5 million in all. */
const MOST_DRAFT = 200_000;

/** [UTF-16 units] Of all conversations' files together, so that drafts have room beside them. */
const MOST_FILES = 1_000_000;

/** By conversation. */
const filesSchema = v.array(v.tuple([v.string(), v.array(v.object({ name: v.string(), text: v.string() }))]));

type Area = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class TalkMemory {
  readonly #browser: () => Area;
  readonly #tab: () => Area;

  /** Functions, as blocked storage throws at its mention. */
  constructor(browser: () => Area, tab: () => Area) {
    this.#browser = browser;
    this.#tab = tab;
  }

  /** The model that answered last, by its entry. */
  get model(): string | undefined {
    return get(this.#browser, MODEL);
  }

  set model(id: string | undefined) {
    set(this.#browser, MODEL, id);
  }

  /** The conversation that this tab showed last. */
  get open(): string | undefined {
    return get(this.#tab, OPEN);
  }

  set open(id: string | undefined) {
    set(this.#tab, OPEN, id);
  }

  /** What was typed and not sent. Of this tab: two that write into one conversation keep out of each other's way. */
  draft(conversation: string): string {
    return get(this.#tab, DRAFTS + conversation) ?? "";
  }

  keepDraft(conversation: string, text: string): void {
    set(this.#tab, DRAFTS + conversation, text === "" ? undefined : text.slice(0, MOST_DRAFT));
  }

  /** What a past message was being changed to, as long as that is neither sent nor given up. */
  edit(conversation: string, message: string): string | undefined {
    return get(this.#tab, editKey(conversation, message));
  }

  keepEdit(conversation: string, message: string, text: string | undefined): void {
    set(this.#tab, editKey(conversation, message), text?.slice(0, MOST_DRAFT));
  }

  /** The files that were attached and not sent. */
  files(conversation: string): readonly Attachment[] {
    return this.#files().get(conversation) ?? [];
  }

  /** All of them, or where there is no room for all none: half of what was attached would be sent unnoticed. */
  keepFiles(conversation: string, files: readonly Attachment[]): void {
    const others = this.#files();
    others.delete(conversation);
    const all = new Map(others);
    if (files.length > 0) all.set(conversation, files);
    const kept = [all, others].map((each) => JSON.stringify([...each])).find(({ length }) => length <= MOST_FILES);
    set(this.#tab, FILES, kept === "[]" ? undefined : kept);
  }

  #files(): Map<string, readonly Attachment[]> {
    try {
      return new Map(v.parse(filesSchema, JSON.parse(get(this.#tab, FILES) ?? "[]")));
    } catch {
      return new Map(); // another version of the page may have written it
    }
  }
}

/** Ids may have any characters, those of other programs' files at least. */
function editKey(conversation: string, message: string): string {
  return EDITS + JSON.stringify([conversation, message]);
}

export function browserMemory(): TalkMemory {
  return new TalkMemory(
    () => localStorage,
    () => sessionStorage,
  );
}

function get(area: () => Area, key: string): string | undefined {
  try {
    return area().getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function set(area: () => Area, key: string, value: string | undefined): void {
  try {
    if (value === undefined) area().removeItem(key);
    else area().setItem(key, value);
  } catch {
    // It holds until the page is left.
  }
}
