/** What the user set for models, in this browser. */
import * as v from "valibot";
import { DEFAULT_SETTINGS } from "../fit/verdict";
import { ENGINE_CHOICES } from "../shared/engines";
import type { DeskSettings } from "./entries";

const KEY = "ingle.models";
export const DESK_DEFAULTS: DeskSettings = {
  engine: "auto",
  statedMemory: undefined,
  host: undefined,
  wishedSpeed: DEFAULT_SETTINGS.wishedSpeed,
  contextLength: DEFAULT_SETTINGS.contextLength,
  idleMinutes: 15,
};

/** What makes sense to set. */
export const BOUNDS = {
  /** [tokens/s] */
  wishedSpeed: { min: 0, max: 1000 },
  /** [tokens] */
  contextLength: { min: 256, max: 131_072 },
  /** 0: never. */
  idleMinutes: { min: 0, max: 1440 },
} as const;

const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  v.pipe(v.number(), v.minValue(min), v.maxValue(max));

const schema = v.object({
  engine: v.optional(v.picklist(ENGINE_CHOICES), DESK_DEFAULTS.engine),
  statedMemory: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 50))),
  host: v.optional(v.pipe(v.string(), v.url(), v.maxLength(2000))),
  wishedSpeed: v.optional(within(BOUNDS.wishedSpeed), DESK_DEFAULTS.wishedSpeed),
  contextLength: v.optional(v.pipe(within(BOUNDS.contextLength), v.integer()), DESK_DEFAULTS.contextLength),
  idleMinutes: v.optional(within(BOUNDS.idleMinutes), DESK_DEFAULTS.idleMinutes),
});

/** Blocked storage throws at the mere mention of `localStorage`, hence a function. What makes no sense is the default. */
export function loadSettings(storage: () => Pick<Storage, "getItem">): DeskSettings {
  try {
    const { statedMemory, host, ...others } = v.parse(schema, JSON.parse(storage().getItem(KEY) ?? "{}"));
    return { ...others, statedMemory, host };
  } catch {
    return DESK_DEFAULTS;
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
