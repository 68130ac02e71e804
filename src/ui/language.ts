/** Which language the page speaks. Pure: what is loaded, and when, is said in messages.ts. */
import { isLanguage, type Language, type Preferences } from "../shared/preferences";

/** The one that was chosen, or else the first of the browser's that there is: "de-AT" is German, "zh-TW" Chinese. */
export function chooseLanguage(chosen: Preferences["language"], browser: readonly string[]): Language {
  return chosen === "auto" ? (browser.map(baseOf).find(isLanguage) ?? "en") : chosen;
}

/** How numbers and dates are written: as in the browser's own variant of the language, where it has one. */
export function localeOf(language: Language, browser: readonly string[]): string {
  return browser.find((tag) => baseOf(tag) === language) ?? TAGS[language];
}

/** What `<html lang>` says: by it a browser picks its fonts and its voice. */
export const TAGS: Readonly<Record<Language, string>> = { en: "en", de: "de", zh: "zh-Hans" };

function baseOf(tag: string): string {
  return tag.split("-")[0]?.toLowerCase() ?? "";
}
