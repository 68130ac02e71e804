import { describe, expect, it } from "vitest";
import { chooseLanguage, localeOf } from "../../src/ui/language";

describe("chooseLanguage", () => {
  it.each([
    [["de-AT"], "de"],
    [["zh-TW", "en"], "zh"],
    [["zh-Hans-CN"], "zh"],
    [["DE"], "de"],
    [["en-GB", "de"], "en"],
    [["fr-FR", "nl", "de-CH", "en"], "de"],
    [["fr", "pl"], "en"],
    [["constructor", "toString"], "en"],
    [[""], "en"],
    [[], "en"],
  ])("speaks to a browser of %j in %s", (browser, language) => {
    expect(chooseLanguage("auto", browser)).toBe(language);
  });

  it("speaks the chosen one, whatever the browser's", () => {
    expect(chooseLanguage("zh", ["de", "en"])).toBe("zh");
    expect(chooseLanguage("en", ["de"])).toBe("en");
  });
});

describe("localeOf", () => {
  it("takes the browser's own variant of the language", () => {
    expect(localeOf("de", ["en-GB", "de-CH", "de"])).toBe("de-CH");
    expect(localeOf("zh", ["zh-TW"])).toBe("zh-TW");
  });

  it("takes the language's own where the browser has none", () => {
    expect(localeOf("de", ["en-GB"])).toBe("de");
    expect(localeOf("zh", [])).toBe("zh-Hans");
    expect(new Intl.NumberFormat(localeOf("de", [])).format(1234.5)).toBe("1.234,5");
  });
});
