import type { MessageTable } from "../messages/translation";

/** The words that stand in a drawn message: handed in, so that the parser runs without a browser too. */
export type MarkdownWords = MessageTable["markdown"];
