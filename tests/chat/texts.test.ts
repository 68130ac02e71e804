/** Titles and searching: what is made of texts of any kind. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { find, fold, wordsOf } from "../../src/chat/search";
import { titleOf } from "../../src/chat/title";

const count = (text: string) => [...new Intl.Segmenter().segment(text)].length;

describe("a title", () => {
  it.each([
    ["Hello", "Hello"],
    ["<think>\nlet me see\n</think>\nHello", "Hello"],
    ["<think>never closed", ""],
    ["  two\n\tlines \r\n here ", "two lines here"],
    ["a\u202eb\u0000c\ufeff", "abc"],
    ["half \ud83d", "half"],
    ["word ".repeat(20), `${"word ".repeat(12).trim()}…`],
    ["x".repeat(61), `${"x".repeat(60)}…`],
    ["👩‍👩‍👧‍👦".repeat(61), `${"👩‍👩‍👧‍👦".repeat(27)}…`],
    [`e${"\u0301".repeat(5000)}`, ""],
  ])("of %j is %j", (text, title) => {
    expect(titleOf(text)).toBe(title);
  });

  it("is one bounded line of whole characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const title = titleOf(text);
        expect(title).not.toMatch(/[\n\r\u2028\u2029]/u);
        expect(count(title)).toBeLessThanOrEqual(61);
        expect(titleOf(title.replace(/…$/u, ""))).toBe(title.replace(/…$/u, "").trim());
      }),
    );
  });
});

describe("a search", () => {
  it.each([
    ["Die STRASSE dort", "straße", "STRASSE"],
    ["Crème brûlée", "BRULEE", "brûlée"],
    ["Cre\u0300me bru\u0302le\u0301e", "brûlée", "bru\u0302le\u0301e"],
    ["ὁ λόγος", "ΛΟΓΟΣ", "λόγος"],
    ["İstanbul", "istanbul", "İstanbul"],
    ["今日は良い天気", "良い", "良い"],
    ["مَرْحَبًا بك", "مرحبا", "مَرْحَبًا"],
    ["👩‍👩‍👧‍👦 family", "family", "family"],
    ["the ﬁrst", "first", "ﬁrst"],
  ])("in %j for %j finds %j", (text, query, found) => {
    const excerpt = find(text, wordsOf(query));
    expect(excerpt?.text.slice(excerpt.start, excerpt.end)).toBe(found);
  });

  it("wants every word, in any order, and shows the first on one line with what is around it", () => {
    const text = `${"before ".repeat(30)}\nneedle\n${"after ".repeat(30)}haystack`;
    expect(find(text, wordsOf("needle haystack"))).toMatchObject({
      text: expect.stringMatching(/^….*needle.*…$/u) as string,
    });
    expect(find(text, wordsOf("haystack  NEEDLE"))?.text).toMatch(/haystack$/u);
    expect(find(text, wordsOf("needle horse"))).toBeUndefined();
    expect(wordsOf(" \n ")).toEqual([]);
    expect(find(text, [])).toBeUndefined();
    expect(fold(wordsOf("x".repeat(5000))[0] ?? "")).toHaveLength(200);
  });

  it("finds any piece of any text where it is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 20 }),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
        fc.string({ unit: "grapheme", maxLength: 20 }),
        (before, piece, after) => {
          const text = `${before} ${piece} ${after}`;
          const words = wordsOf(piece);
          const excerpt = find(text, words);
          if (words.length === 0) expect(excerpt).toBeUndefined();
          else expect(fold(excerpt?.text.slice(excerpt.start, excerpt.end) ?? "")).toContain(words[0]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
