/** The page's words: one table a language. To add a language, add its file and a line to TABLES. */
import { en } from "./messages/en";

export type MessageTable = typeof en;

const TABLES: Readonly<Record<string, MessageTable>> = { en };

/** The table of the first of the browser's languages that there is one for. */
export const messages: MessageTable =
  navigator.languages.map((language) => TABLES[language.split("-")[0] ?? ""]).find((table) => table !== undefined) ??
  en;
