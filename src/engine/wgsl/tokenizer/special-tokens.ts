/** Finds special tokens in a text: leftmost first, and of those that begin at the same place the longest. */
import type { SpecialToken } from "./parts";

interface Node {
  readonly next: Map<string, Node>;
  token: SpecialToken | undefined;
}

export interface Found {
  readonly at: number;
  readonly token: SpecialToken;
}

/** No model has longer ones; a hostile file's would make every search slow. */
const MAX_LENGTH = 256;

export class SpecialTokens {
  readonly #root: Node = { next: new Map(), token: undefined };

  /** Tokens of one character are left out: they could not be told from text that happens to hold it. */
  constructor(tokens: readonly SpecialToken[]) {
    for (const token of tokens) {
      const first = String.fromCodePoint(token.text.codePointAt(0) ?? 0);
      if (token.text.length <= first.length || token.text.length > MAX_LENGTH) continue;
      let node = this.#root;
      for (let i = 0; i < token.text.length; i++) {
        const unit = token.text.charAt(i);
        let next = node.next.get(unit);
        if (next === undefined) node.next.set(unit, (next = { next: new Map(), token: undefined }));
        node = next;
      }
      node.token ??= token;
    }
  }

  has(text: string): boolean {
    return this.#longestAt(text, 0)?.text === text;
  }

  /** All that don't overlap, from left to right. */
  find(text: string): Found[] {
    const found: Found[] = [];
    for (let at = 0; at < text.length; at++) {
      const token = this.#longestAt(text, at);
      if (token === undefined) continue;
      found.push({ at, token });
      at += token.text.length - 1;
    }
    return found;
  }

  /** Where special tokens begin, overlapping or not. */
  starts(text: string): number[] {
    const starts: number[] = [];
    for (let at = 0; at < text.length; at++) if (this.#longestAt(text, at) !== undefined) starts.push(at);
    return starts;
  }

  /** Where something begins that goes on to `end`, and that further text could make a special token. */
  unfinishedStarts(text: string, end: number): number[] {
    const starts: number[] = [];
    for (let at = Math.max(0, end - MAX_LENGTH); at < end; at++) {
      let node: Node | undefined = this.#root;
      for (let i = at; i < end && node !== undefined; i++) node = node.next.get(text.charAt(i));
      if (node !== undefined && node.next.size > 0) starts.push(at);
    }
    return starts;
  }

  /** A text cut at its special tokens: those as ids, the rest as text. */
  split(text: string): (string | number)[] {
    const pieces: (string | number)[] = [];
    let from = 0;
    let stripsRight = false;
    const take = (to: number, stripsLeft: boolean) => {
      let piece = text.slice(from, to);
      if (stripsRight) piece = piece.trimStart();
      if (stripsLeft) piece = piece.trimEnd();
      if (piece !== "") pieces.push(piece);
    };
    for (const { at, token } of this.find(text)) {
      take(at, token.stripsLeft);
      pieces.push(token.id);
      from = at + token.text.length;
      stripsRight = token.stripsRight;
    }
    take(text.length, false);
    return pieces;
  }

  #longestAt(text: string, at: number): SpecialToken | undefined {
    let node: Node | undefined = this.#root;
    let longest: SpecialToken | undefined;
    for (let i = at; i < text.length; i++) {
      node = node.next.get(text.charAt(i));
      if (node === undefined) break;
      longest = node.token ?? longest;
    }
    return longest;
  }
}
