import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatRole } from "../../src/engine/engine";
import { dropOldestTurns } from "../../src/engine/turns";
import { refused } from "../helpers/refused";

const ROLES: Readonly<Record<string, ChatRole>> = { s: "system", u: "user", a: "assistant", t: "tool" };

/** "s u a u": a conversation, each message of one token and named by its place. */
const chat = (roles: string): ChatMessage[] =>
  roles.split(" ").map((role, i) => ({ role: ROLES[role] ?? "user", content: `${role}${i}` }));
const names = (messages: readonly ChatMessage[]) => messages.map(({ content }) => content).join(" ");
const count = (messages: readonly ChatMessage[]) => messages.length;

describe("a conversation that is too long", () => {
  it.each([
    ["u a u a u", 5, "u0 a1 u2 a3 u4", 0],
    ["u a u a u", 4, "u2 a3 u4", 2],
    ["u a u a u", 3, "u2 a3 u4", 2],
    ["u a u a u", 2, "u4", 4],
    ["s u a u a u", 4, "s0 u3 a4 u5", 2],
    ["s u a u", 2, "s0 u3", 2],
    ["s u a t a u a", 4, "s0 u5 a6", 4],
    ["s a u a u", 3, "s0 u4", 3],
    ["u s a u", 2, "s1 u3", 2],
    ["u a u a", 2, "u2 a3", 2],
  ])("%s, to %i", (roles, most, kept, dropped) => {
    const shortened = dropOldestTurns(chat(roles), most, count);
    expect({ kept: names(shortened.messages), dropped: shortened.dropped }).toEqual({ kept, dropped });
  });

  it.each([
    ["u", 0],
    ["s u", 1],
    ["u a u a", 1],
    ["s", 0],
  ])("is refused where what has to stay is too long by itself: %s, to %i", (roles, most) => {
    expect(() => dropOldestTurns(chat(roles), most, count)).toThrow(
      expect.objectContaining(refused("context-full", `more than the ${most} tokens there is room for`)),
    );
  });

  it("names no negative room", () => {
    expect(() => dropOldestTurns(chat("u"), -50, count)).toThrow(/the 0 tokens/);
  });

  it("keeps all that fits: one turn more would be too long", () => {
    const roles = fc.array(fc.constantFrom("s", "u", "a", "t"), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(roles, fc.nat(12), (roles, most) => {
        const messages = chat(roles.join(" "));
        const starts = messages.flatMap(({ role }, i) => (role === "user" ? [i] : []));
        const from = (cut: number) => messages.filter(({ role }, i) => i >= cut || role === "system");
        const fitting = [0, ...starts.slice(1)].map(from).find((kept) => kept.length <= most);
        if (fitting === undefined) expect(() => dropOldestTurns(messages, most, count)).toThrow();
        else expect(dropOldestTurns(messages, most, count).messages).toEqual(fitting);
      }),
    );
  });
});
