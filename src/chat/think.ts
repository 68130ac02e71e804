/**
 * Splits a reply into what the model thought and what it answered, while it streams. Pure.
 *
 * A thought is what stands between `<think>` and `</think>` at the beginning of a reply: further down the words belong
 * to an answer, which may be about them. Some chat templates open the thought in the prompt, so that a reply has its
 * end only: a line that begins with `</think>` with no `<think>` before it makes all before it the thought.
 */

export interface SplitReply {
  readonly thought: string;
  readonly answer: string;
  /** Whether the thought has no end yet. */
  readonly isThinking: boolean;
}

const OPEN = "<think>";
const CLOSE = "</think>";
/** A reply that begins with more of them has no thought: to hold them back for ever would cost more with each. */
const MOST_BLANKS = 1000;

export class ThoughtSplitter {
  #part: "beginning" | "thought" | "answer" = "beginning";
  #thought = "";
  #answer = "";
  /** What may yet turn out to be a tag. */
  #held = "";
  /** Whether a tag that ends a thought would be one, in an answer. */
  #mayEnd = true;

  /** What comes next of the reply, in pieces of any length. Looks at each character a bounded number of times. */
  push(piece: string): void {
    let rest = piece;
    while (rest !== "") {
      if (this.#part === "beginning") rest = this.#begin(rest);
      else if (this.#part === "thought") rest = this.#think(rest);
      else rest = this.#answerWith(rest);
    }
  }

  /** As it is by now. What may be half a tag is left out until it is known, or `isWhole` says that nothing follows. */
  split(isWhole = false): SplitReply {
    const isThinking = this.#part === "thought";
    const held = isWhole ? this.#held : "";
    return {
      thought: this.#thought + (isThinking ? held : ""),
      answer: this.#answer + (isThinking ? "" : held),
      isThinking,
    };
  }

  #begin(piece: string): string {
    const text = this.#held + piece;
    this.#held = "";
    const start = text.trimStart();
    if (text.length - start.length >= MOST_BLANKS) {
      this.#part = "answer";
      return text;
    }
    if (start.startsWith(OPEN)) {
      if (this.#thought !== "") this.#thought += "\n\n"; // it thinks again
      this.#part = "thought";
      this.#mayEnd = false;
      return start.slice(OPEN.length);
    }
    if (OPEN.startsWith(start)) {
      this.#held = text;
      return "";
    }
    this.#part = "answer";
    return this.#mayEnd ? text : start;
  }

  #think(piece: string): string {
    const text = this.#held + piece;
    this.#held = "";
    const end = text.indexOf(CLOSE);
    if (end >= 0) {
      this.#thought += text.slice(0, end);
      this.#part = "beginning";
      return text.slice(end + CLOSE.length);
    }
    this.#held = partOfTag(text);
    this.#thought += text.slice(0, text.length - this.#held.length);
    return "";
  }

  #answerWith(piece: string): string {
    if (!this.#mayEnd) {
      this.#answer += piece;
      return "";
    }
    // From where a tag, or the line break before it, may have begun.
    const from = Math.max(0, this.#answer.length - CLOSE.length);
    const looked = this.#answer.slice(from) + piece;
    this.#answer += piece;
    const open = looked.indexOf(OPEN);
    const close = from === 0 && looked.startsWith(CLOSE) ? 0 : looked.indexOf(`\n${CLOSE}`);
    if (open >= 0 && (close < 0 || open < close)) this.#mayEnd = false;
    else if (close >= 0) {
      const end = from + close + (looked[close] === "\n" ? 1 : 0);
      const rest = this.#answer.slice(end + CLOSE.length);
      this.#thought = this.#answer.slice(0, end);
      this.#answer = "";
      this.#mayEnd = false;
      this.#part = "beginning";
      return rest;
    }
    return "";
  }
}

/** The end of a text that a tag may begin with. */
function partOfTag(text: string): string {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (CLOSE.startsWith(end)) return end;
  }
  return "";
}

/** Of a reply that nothing follows: what is not closed is thought to its end. */
export function splitThought(reply: string): SplitReply {
  const splitter = new ThoughtSplitter();
  splitter.push(reply);
  return splitter.split(true);
}
