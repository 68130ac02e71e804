import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopText } from "../../../src/engine/wgsl/generate/stop-text";

/** What comes out of the pieces, and where they stopped it. */
function run(stops: readonly string[], pieces: readonly string[]) {
  const stop = new StopText(stops);
  const texts: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = stop.push(piece);
    texts.push(text);
    if (stopped) return { texts, text: texts.join(""), stopped, rest: stop.flush() };
  }
  const rest = stop.flush();
  return { texts, text: texts.join("") + rest, stopped: false, rest };
}

describe("a stop text", () => {
  it.each([
    ["in one piece", ["Hello</s>more"], "Hello"],
    ["over several", ["Hello<", "/", "s>"], "Hello"],
    ["after what began like it", ["a<", "<", "/s>"], "a<"],
    ["that overlaps itself", ["x<<", "</s>"], "x<<"],
    ["first of all", ["</s>"], ""],
  ])("ends the text before it, %s", (_where, pieces, text) => {
    expect(run(["</s>"], pieces)).toMatchObject({ text, stopped: true, rest: "" });
  });

  it("holds back no more than might be its beginning", () => {
    expect(run(["</s>"], ["ab", "c<", "d", "</", "s "]).texts).toEqual(["ab", "c", "<d", "", "</s "]);
    expect(run(["</s>"], ["ab</s"]).rest).toBe("</s");
  });

  it("that is empty is none", () => {
    expect(run([""], ["abc"])).toMatchObject({ text: "abc", stopped: false });
    expect(run([], ["abc"]).texts).toEqual(["abc"]);
  });

  it("of several is the one that is complete first, however the text comes", () => {
    for (const pieces of [["ab", "c"], ["abc"], ["a", "bc"]]) {
      expect(run(["abc", "b"], pieces), pieces.join("|")).toMatchObject({ text: "a", stopped: true });
    }
    expect(run(["b", "ab"], ["ab"]).text).toBe("");
  });

  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
  const stopsOf = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 5 }), {
    maxLength: 3,
  });
  const cutsOf = fc.array(fc.nat(30), { maxLength: 8 });

  it("ends any text where searching the whole of it would", () => {
    fc.assert(
      fc.property(letters, stopsOf, cutsOf, (text, stops, cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((to, i) => text.slice(at[i], to));
        // The first end of a stop text decides; of several that end there, the longest.
        const ends = Array.from({ length: text.length + 1 }, (_, end) => end);
        const end = ends.find((end) => stops.some((stop) => text.slice(0, end).endsWith(stop)));
        const longest = Math.max(0, ...stops.filter((stop) => text.slice(0, end).endsWith(stop)).map((s) => s.length));
        const wanted = end === undefined ? text : text.slice(0, end - longest);
        expect(run(stops, pieces)).toMatchObject({ text: wanted, stopped: end !== undefined });
      }),
      { numRuns: 2000 },
    );
  });
});
