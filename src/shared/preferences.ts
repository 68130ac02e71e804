/**
 * What the user set for the page itself. The connect gate reads it before anything is drawn (src/gate.ts), so it is
 * read by hand: a library for that would stand before the first paint.
 */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Each language's own name for itself: whoever looks for theirs need not read the page's. */
export const LANGUAGES = { en: "English", de: "Deutsch", zh: "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

export interface Preferences {
  readonly theme: Theme;
  /** "auto": as the browser says. */
  readonly language: Language | "auto";
}

const KEY = "ingle.page";
const DEFAULTS: Preferences = { theme: "system", language: "auto" };

/** Blocked storage throws at the mere mention of `localStorage`, hence a function. What makes no sense is the default. */
export function loadPreferences(storage: () => Pick<Storage, "getItem">): Preferences {
  try {
    const kept: unknown = JSON.parse(storage().getItem(KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null) return DEFAULTS;
    const { theme, language } = kept as Readonly<Record<string, unknown>>;
    return {
      theme: THEMES.find((each) => each === theme) ?? DEFAULTS.theme,
      language: isLanguage(language) ? language : DEFAULTS.language,
    };
  } catch {
    return DEFAULTS;
  }
}

/** @throws what the storage throws, when it is blocked or full. */
export function savePreferences(storage: () => Pick<Storage, "setItem">, preferences: Preferences): void {
  storage().setItem(KEY, JSON.stringify(preferences));
}

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}
