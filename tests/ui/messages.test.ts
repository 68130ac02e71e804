/** Every language says all that English says, with the same figures in it, and none of it in English. */
import { describe, expect, it } from "vitest";
import { REASON_CODES } from "../../src/probe/report";
import { reportWords } from "../../src/probe/words";
import { ENGINE_NAMES } from "../../src/shared/engines";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { fitWords } from "../../src/fit/words";
import * as de from "../../src/ui/messages/de";
import { en } from "../../src/ui/messages/en";
import * as zh from "../../src/ui/messages/zh";

type Word = string | ((...values: unknown[]) => string);

/** "modelsStates.fits" → "Fits", all tables and lists opened. */
function wordsOf(table: object, path = ""): Map<string, Word> {
  const words = new Map<string, Word>();
  for (const [key, value] of Object.entries(table) as [string, unknown][]) {
    const name = path === "" ? key : `${path}.${key}`;
    if (typeof value === "string" || typeof value === "function") words.set(name, value as Word);
    else if (typeof value === "object" && value !== null) for (const each of wordsOf(value, name)) words.set(...each);
  }
  return words;
}

/** What is the same in English: names, and words that the language took over. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  de: [
    "direction",
    "chat",
    "chatTitle",
    "chatDismiss",
    "chatKeyList.2.0",
    "chatKeyList.4.0",
    "chatOfferPause",
    "chatFileText",
    "presetsName",
    "presetsNumbers.topP",
    "presetsNumbers.topK",
    "presetsNumbers.minP",
    "modelsPause",
    "modelsEngine",
    "modelsEngines.webllm",
    "modelsEngines.wgsl",
    "modelsRate",
    "markdown.code",
    "markdown.codeIn",
    "report.sections.adapter",
    "report.labels.gpu",
    "report.labels.indexedDb",
    "report.labels.browser",
    "report.labels.system",
  ],
  zh: [
    "direction",
    "chatKeyList.0.0",
    "chatKeyList.1.0",
    "chatKeyList.2.0",
    "chatKeyList.4.0",
    "presetsNumbers.topP",
    "presetsNumbers.topK",
    "presetsNumbers.minP",
    "modelsEngines.webllm",
    "modelsEngines.wgsl",
    "report.sections.adapter",
    "report.labels.gpu",
    "report.labels.indexedDb",
  ],
};
/** What no German or Chinese sentence has. */
const ENGLISH = /\b(?:the|this|that|of|is|are|not|and|or|with|your|you|from|for|by|to|has|have|could|more|be)\b/i;
const LIST = ["‹5›", "‹6›", "‹7›", "‹8›"];
/** Names, numbers, one of something, lists: each word takes some of them. */
const ARGUMENTS: readonly (readonly unknown[])[] = [
  ["‹1›", "‹2›", "‹3›", "‹4›"],
  [101, 202, 303, 404],
  [1, 1, 1, 1],
  [LIST, LIST, LIST, LIST],
];

/** What a word says for these values; undefined where it takes none such. */
function say(word: Word, values: readonly unknown[]): string | undefined {
  if (typeof word === "string") return word;
  try {
    return word(...values);
  } catch {
    return undefined;
  }
}

const english = wordsOf({ ...en, fit: fitWords, report: reportWords });

describe.each(Object.entries({ de, zh }))("%s", (language, { words: table, others }) => {
  const words = wordsOf({ ...table, fit: others.fit, report: { ...others.report, reasons: {} } });

  it("has every word, in the order of English, and no other", () => {
    expect([...words.keys()]).toEqual([...english.keys()]);
  });

  it("has what English says with as many figures, each of which it tells too", () => {
    for (const [name, word] of words) {
      const same = english.get(name);
      expect(typeof word, name).toBe(typeof same);
      if (typeof word === "string" || same === undefined) continue;
      expect(word.length, `values that ${name} takes`).toBe(same.length);
      let told = 0;
      for (const values of ARGUMENTS) {
        const expected = say(same, values);
        if (expected === undefined) continue;
        told++;
        const said = say(word, values) ?? "";
        const figures = [...new Set(values.flat().map(String))].filter((figure) => figure !== "1");
        const inIt = (text: string) => figures.filter((figure) => text.includes(figure));
        expect(inIt(said), `${name}: ${expected} → ${said}`).toEqual(inIt(expected));
      }
      expect(told, `${name} was told with something`).toBeGreaterThan(0);
    }
  });

  it("leaves nothing in English", () => {
    const alike = new Set<string>();
    for (const [name, word] of words) {
      for (const values of ARGUMENTS) {
        const said = say(word, values);
        if (said === undefined) continue;
        expect(said.replaceAll(/https?:\S+/g, ""), name).not.toMatch(ENGLISH);
        if (said === say(english.get(name) ?? "", values)) alike.add(name);
        else if (language === "zh" && said !== "") expect(said, name).toMatch(/\p{Script=Han}|^‹|\d|^Service Worker$/u);
      }
    }
    expect([...alike].sort()).toEqual(SAME[language]?.toSorted());
  });

  it("says what the catalogue says of models, and nothing else", () => {
    const texts = CATALOGUE.flatMap(({ description, licence }) => [description, licence.limits ?? description]);
    expect(new Set(Object.keys(others.catalogue))).toEqual(new Set(texts));
  });

  it("says what each error means, none as another", () => {
    const errors = [...Object.values(others.errors), ...Object.values(others.catalogue)];
    expect(new Set(errors).size).toBe(errors.length);
    expect(Object.keys(others.report.reasons)).toEqual(REASON_CODES);
    for (const said of errors) expect(said.replaceAll(/„.*“|“.*”/g, "")).not.toMatch(ENGLISH);
  });

  it("calls the engines by their names", () => {
    expect(table.modelsEngines).toMatchObject(ENGINE_NAMES);
  });
});
