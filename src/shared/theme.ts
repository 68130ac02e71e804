/**
 * Light or dark, whatever the system says. All colours are `light-dark()`, so the root's `color-scheme` decides them
 * all, form fields and scroll bars included; src/ui/page.css takes it from the attribute that is set here. It can't be
 * set here itself: what the build makes of `light-dark()` for older browsers follows style sheets alone.
 */
import { loadPreferences, type Theme } from "./preferences";

/** What the browser paints around the page: --paper of src/ui/page.css, which is not there yet when the gate runs. */
export const PAPER = { light: "#f6f2ea", dark: "#1c1a18" } as const;
const META_ID = "chosen-theme";

/** To be called before the head's own `theme-color` is parsed, or at any time later: the first of them counts. */
export function applyTheme(page: Document, theme: Theme): void {
  page.getElementById(META_ID)?.remove();
  const { dataset } = page.documentElement;
  if (theme === "system") {
    delete dataset["theme"];
    return;
  }
  dataset["theme"] = theme;
  const meta = page.createElement("meta");
  meta.id = META_ID;
  meta.name = "theme-color";
  meta.content = PAPER[theme];
  page.head.prepend(meta);
}

/** As another tab sets it. */
export function watchTheme(page: Document, storage: () => Pick<Storage, "getItem">): void {
  addEventListener("storage", () => applyTheme(page, loadPreferences(storage).theme));
}
