/** The models' templates give what transformers makes of them, to the byte. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import type { ChatOptions } from "../../../src/engine/wgsl/tokenizer/types.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { byteLevelGguf } from "./small-vocabularies.ts";

const { templates, conversations, rendered } = readFixture("chats.json");

const WAYS: Readonly<Record<"open" | "closed" | "continued", ChatOptions>> = {
  open: { addGenerationPrompt: true, continueFinalMessage: false },
  closed: { addGenerationPrompt: false, continueFinalMessage: false },
  continued: { addGenerationPrompt: false, continueFinalMessage: true },
};

/** "filters" measures and cuts messages, so it shows the oracle's own tag for the place to go on. */
const NOT_CONTINUED = new Set(["filters (ours)"]);

beforeAll(() => {
  vi.useFakeTimers({ now: new Date(2026, 0, 5), toFake: ["Date"] });
});
afterAll(() => {
  vi.useRealTimers();
});

describe.each(Object.keys(templates))("%s", (name) => {
  const tokenizer = openTokenizer(byteLevelGguf("smollm", { "tokenizer.chat_template": templates[name] }));

  test.each(Object.keys(conversations))("%s", (conversation) => {
    const messages = conversations[conversation] ?? [];
    for (const way of ["open", "closed", "continued"] as const) {
      const expected = rendered[name]?.[conversation]?.[way];
      if (expected === undefined || (way === "continued" && NOT_CONTINUED.has(name))) continue;
      const render = () => tokenizer.renderChat(messages, WAYS[way]).text;
      if (expected.text !== undefined) expect(render(), way).toBe(expected.text);
      else if (expected.type === "TemplateError") {
        expect(render, way).toThrow(`The model's chat template refuses this: ${expected.error ?? "?"}`);
      } else {
        // transformers wants the whole last message in the prompt; here what the template leaves of it goes on.
        expect(expected.error).toContain("the final message does not appear");
        expect(render().endsWith("Because")).toBe(true);
      }
    }
  });
});

test("every way of every conversation was compared", () => {
  const all = Object.values(rendered).flatMap((conversation) =>
    Object.values(conversation).map((ways) => Object.keys(ways)),
  );
  expect(all.flat().length).toBeGreaterThan(300);
});
