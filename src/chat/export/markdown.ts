/** Conversations as Markdown to read, of each the branch that is shown. Pure. */
import { fenced, openFence } from "../fence";
import type { Conversation, Message } from "../message";
import { splitThought } from "../think";
import { shownPath } from "../tree";

/** In the reader's language. */
export interface MarkdownWords {
  /** For a conversation without a title. */
  readonly untitled: string;
  readonly you: string;
  readonly assistant: string;
  /** Says of a reply that it ends early. */
  readonly cutOff: string;
}

export function toMarkdown(conversation: Conversation, words: MarkdownWords): string {
  const parts = shownPath(conversation).map(({ message }) => section(message, words));
  return `${[`# ${conversation.title || words.untitled}`, ...parts].join("\n\n")}\n`;
}

/** One after the other, a line between them. */
export function allToMarkdown(conversations: readonly Conversation[], words: MarkdownWords): string {
  return conversations.map((conversation) => toMarkdown(conversation, words)).join("\n---\n\n");
}

function section(message: Message, words: MarkdownWords): string {
  const { role, content, attachments, model, state } = message;
  if (role === "user") {
    const files = attachments.map(({ name, text }) => `**${name.replace(/\s+/gu, " ")}**\n\n${fenced(text)}`);
    return [`## ${words.you}`, ...files, closed(content)].filter((part) => part !== "").join("\n\n");
  }
  const { thought, answer } = splitThought(content);
  const heading = `## ${words.assistant}${model === undefined ? "" : ` (${model})`}`;
  const parts = [heading, quoted(thought.trim()), closed(answer.trim())];
  if (state !== "whole") parts.push(`*${words.cutOff}*`);
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A message is Markdown itself; a fence that it leaves open must not swallow those after it. */
function closed(markdown: string): string {
  const fence = openFence(markdown);
  return fence === undefined ? markdown : `${markdown}${markdown.endsWith("\n") ? "" : "\n"}${fence}`;
}

function quoted(text: string): string {
  return text === "" ? "" : text.replace(/^/gmu, "> ");
}
