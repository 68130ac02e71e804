import { expect, test } from "vitest";
import { Lazy } from "../../src/ui/markdown/lazy";

test("what could not be loaded is tried again, and what was is loaded once", async () => {
  let calls = 0;
  const lazy = new Lazy(() => (++calls === 1 ? Promise.reject(new Error("no network")) : Promise.resolve("there")));
  expect(lazy.value).toBeUndefined();
  expect(await lazy.get()).toBeUndefined();
  expect(lazy.value).toBeUndefined();
  expect(await Promise.all([lazy.get(), lazy.get()])).toEqual(["there", "there"]);
  expect(lazy.value).toBe("there");
  expect(calls).toBe(2);
});
