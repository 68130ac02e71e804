/** What the user set for models, in this browser. */
import * as v from "valibot";
import type { DeskSettings } from "./entries";

const KEY = "ingle.models";
const DEFAULTS: DeskSettings = { engine: "auto", statedMemory: undefined, host: undefined };

const schema = v.object({
  engine: v.optional(v.picklist(["auto", "webllm", "wgsl"]), DEFAULTS.engine),
  statedMemory: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 50))),
  host: v.optional(v.pipe(v.string(), v.url(), v.maxLength(2000))),
});

/** Blocked storage throws at the mere mention of `localStorage`, hence a function. What makes no sense is the default. */
export function loadSettings(storage: () => Pick<Storage, "getItem">): DeskSettings {
  try {
    const { engine, statedMemory, host } = v.parse(schema, JSON.parse(storage().getItem(KEY) ?? "{}"));
    return { engine, statedMemory, host };
  } catch {
    return DEFAULTS;
  }
}

/** Kept where it can be; where storage is blocked it holds until the page is left. */
export function saveSettings(storage: () => Pick<Storage, "setItem">, settings: DeskSettings): void {
  try {
    storage().setItem(KEY, JSON.stringify(settings));
  } catch {
    // Nothing is lost that the user would miss before the next visit.
  }
}
