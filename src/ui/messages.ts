/**
 * The page's words. English comes with the page, another language before anything of it is drawn. To add one, add its
 * files to messages/, its name to src/shared/preferences.ts, and a line to LOADERS.
 *
 * This module is waited for by all that import it, so a language's files may import nothing but types: what they took
 * of the page's own code would wait for this, and this for them.
 */
import { withDeadline } from "../shared/deadline";
import { loadPreferences, type Language } from "../shared/preferences";
import { milliseconds, writeNumbersFor } from "../shared/units";
import { chooseLanguage, localeOf } from "./language";
import { en } from "./messages/en";
import type { MessageTable, Translation } from "./messages/translation";

const LOADERS: Readonly<Record<Exclude<Language, "en">, () => Promise<{ words: MessageTable; others: Translation }>>> =
  {
    de: () => import("./messages/de"),
    zh: () => import("./messages/zh"),
  };

/** By then the page itself has come by the same way: rather English than nothing. */
const LOADING = milliseconds(8000);

const wanted = chooseLanguage(loadPreferences(() => localStorage).language, navigator.languages);
const loaded =
  wanted === "en" ? undefined : await withDeadline(LOADERS[wanted](), LOADING, "The language").catch(() => undefined);

/** The language that the page speaks. */
export const language: Language = loaded === undefined ? "en" : wanted;
/** The one that was wanted and could not be loaded. */
export const missingLanguage: Language | undefined = language === wanted ? undefined : wanted;
/** For Intl. */
export const locale: string = localeOf(language, navigator.languages);
export const messages: MessageTable = loaded?.words ?? en;
/** What is said elsewhere in English; undefined where that is the language. */
export const translation: Translation | undefined = loaded?.others;

writeNumbersFor(locale);
