/** What a template may do, and what happens when it does more. */
import { describe, expect, test } from "vitest";
import { ChatTemplate } from "../../../src/engine/wgsl/tokenizer/chat-template.ts";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { strftime } from "../../../src/engine/wgsl/tokenizer/python-text.ts";
import type { ChatMessage } from "../../../src/engine/engine.ts";
import { IngleError } from "../../../src/shared/errors.ts";
import { byteLevelGguf } from "./small-vocabularies.ts";

function render(template: string, variables: Record<string, unknown> = {}): string {
  return new ChatTemplate(template).render(variables);
}

function failure(template: string, variables: Record<string, unknown> = {}): IngleError {
  try {
    render(template, variables);
  } catch (thrown) {
    if (thrown instanceof IngleError) return thrown;
  }
  throw new Error("It did not fail as it should.");
}

describe("a template that does not end, or makes too much", () => {
  const nested = (depth: number, body: string): string =>
    depth === 0 ? body : `{% for a in range(9000) %}${nested(depth - 1, body)}{% endfor %}`;
  test.each([
    ["a long range", "{% for i in range(1000000000) %}x{% endfor %}", "range() of more than 10000"],
    ["a range that goes nowhere", "{% for i in range(0, 5, 0) %}x{% endfor %}", "range() of more than 10000"],
    ["loops in loops", nested(3, "{{ a }}".repeat(20)), ""], // on a slow machine the clock ends it
    [
      "text that doubles",
      "{% set ns = namespace(x='xx') %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
      "it makes too much of what it is given",
    ],
    [
      "a list that doubles",
      "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
      "it makes too much of what it is given",
    ],
    [
      "text that replaces its letters by itself",
      "{% set ns = namespace(x='aa') %}{% for i in range(9) %}{% set ns.x = ns.x.replace('a', ns.x) %}{% endfor %}",
      "",
    ],
    ["a macro that calls itself", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", ""],
    ["endless brackets", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`, ""],
    ["endless length", "x".repeat(300_000), "it is too long"],
  ])("%s", { timeout: 30_000 }, (_name, template, message) => {
    const error = failure(template);
    expect(error.code).toBe("model-unsupported");
    expect(error.message).toContain("The model's chat template failed: ");
    expect(error.message).toContain(message);
  });
});

test("a template that can't be read fails when it is used, not when the model is opened", () => {
  const tokenizer = openTokenizer(byteLevelGguf("gpt-2", { "tokenizer.chat_template": "{% if %}" }));
  expect(() =>
    tokenizer.renderChat([{ role: "user", content: "" }], { addGenerationPrompt: true, continueFinalMessage: false }),
  ).toThrow("The model's chat template failed: ");
});

test("a refusal is the conversation's fault, in the template's words", () => {
  const error = failure("{{ raise_exception('No system role') }}");
  expect(error.code).toBe("chat-invalid");
  expect(error.message).toBe("The model's chat template refuses this: No system role");
  expect(failure("{{ raise_exception(1) }}").code).toBe("chat-invalid");
});

test("nothing of JavaScript is within reach", () => {
  const probes = ["constructor", "__proto__", "globalThis", "process", "toString"];
  for (const name of probes) {
    expect(
      render(`{{ ${name} is defined }}{{ x.${name} is defined }}{{ y.${name} is defined }}`, { x: {}, y: "s" }),
    ).toBe("falsefalsefalse");
  }
});

test("functions of templates", () => {
  expect(render("{{ x | tojson }}", { x: { a: [1, "é\n"], b: null } })).toBe('{"a": [1, "é\\n"], "b": null}');
  expect(render("{% for i in range(2, 7, 2) %}{{ i }}{% endfor %}{% for i in range(2) %}{{ i }}{% endfor %}")).toBe(
    "24601",
  );
  expect(render("{{ strftime_now('%Y') }}")).toBe(String(new Date().getFullYear()));
  expect(render("[{{ x.strip() }}|{{ x.lstrip('\n') }}|{{ x.rstrip('\n ') }}|{{ x | trim }}]", { x: "\n a \n" })).toBe(
    "[a| a \n|\n a|a]",
  );
});

test("dates are written as Python writes them", () => {
  const date = new Date(2026, 2, 5, 14, 7, 9);
  expect(strftime(date, "%d %b %Y, %B %A %a %H:%M:%S %I %p %y %m %-d %% %q")).toBe(
    "05 Mar 2026, March Thursday Thu 14:07:09 02 PM 26 03 5 % %q",
  );
});

describe("conversations that can't be rendered", () => {
  const tokenizer = openTokenizer(byteLevelGguf("gpt-2"));
  const closed = openTokenizer(byteLevelGguf("gpt-2", { "tokenizer.chat_template": "nothing of it" }));
  const render = (messages: ChatMessage[], continueFinalMessage = false, of = tokenizer) =>
    of.renderChat(messages, { addGenerationPrompt: true, continueFinalMessage });

  test.each([
    ["empty", () => render([]), "The conversation is empty."],
    ["a stranger's", () => render([{ role: "narrator" as "user", content: "" }]), 'Nobody has the role "narrator".'],
    [
      "nothing to go on with",
      () => render([{ role: "user", content: "x" }], true),
      "Only the assistant's message can go on, and the last one is not its.",
    ],
    [
      "a template that hides it",
      () => render([{ role: "assistant", content: "x" }], true, closed),
      "The model's chat template does not show the last message's text: it can't go on.",
    ],
    [
      "far too long",
      () => tokenizer.encode("x".repeat(2_000_001)),
      "A text of 2,000,001 characters is more than any model takes.",
    ],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(new IngleError("chat-invalid", message));
  });
});

test("a long conversation takes far less than a template may", () => {
  const messages = Array.from({ length: 2000 }, (_, i): ChatMessage => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: "word ".repeat(100),
  }));
  const tokenizer = openTokenizer(byteLevelGguf("gpt-2"));
  const { text } = tokenizer.renderChat(messages, { addGenerationPrompt: true, continueFinalMessage: false });
  expect(text.length).toBeGreaterThan(1_000_000);
});
