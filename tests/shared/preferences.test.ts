import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLanguage, loadPreferences, savePreferences } from "../../src/shared/preferences";
import { PAPER } from "../../src/shared/theme";

const DEFAULTS = { theme: "system", language: "auto" };

/** A storage that has, or takes, one text. */
function storing(text: string | null) {
  return {
    getItem: () => text,
    setItem: (_key: string, value: string) => {
      text = value;
    },
  };
}

describe("loadPreferences", () => {
  it("reads what was saved", () => {
    const storage = storing(null);
    savePreferences(() => storage, { theme: "dark", language: "zh" });
    expect(loadPreferences(() => storage)).toEqual({ theme: "dark", language: "zh" });
  });

  it.each([null, "", "{", "null", "7", '"dark"', "[]", '{"theme":"blue","language":"xx"}', '{"theme":["dark"]}'])(
    "takes the defaults for %s",
    (text) => {
      expect(loadPreferences(() => storing(text))).toEqual(DEFAULTS);
    },
  );

  it("keeps what makes sense beside what does not", () => {
    const text = JSON.stringify({ theme: "light", language: "toString", more: 1 });
    expect(loadPreferences(() => storing(text))).toEqual({ theme: "light", language: "auto" });
  });

  it("takes the defaults where storage is blocked", () => {
    const blocked = (): Storage => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    expect(loadPreferences(blocked)).toEqual(DEFAULTS);
  });
});

describe("isLanguage", () => {
  it.each(["constructor", "", "EN", null, 3])("refuses %s", (value) => {
    expect(isLanguage(value)).toBe(false);
  });
});

it("the colour around the page is that of the page itself, wherever it is written", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(read("src/ui/page.css")).toContain(`--paper: light-dark(${PAPER.light}, ${PAPER.dark})`);
  for (const [scheme, colour] of Object.entries(PAPER)) {
    expect(read("index.html")).toContain(`media="(prefers-color-scheme: ${scheme})" content="${colour}"`);
  }
});
