/**
 * Presets: what a model is asked to be, which one, and how it is to sample; what Ollama keeps in a Modelfile. Kept in
 * IndexedDB, and carried as files.
 */
import * as v from "valibot";
import type { Sampling } from "../engine/engine";
import { IngleError } from "../shared/errors";
import { put, readAll, remove, removeAll, transact } from "./database";
import { invalid, parseBounded } from "./export/bounded-json";
import { tellOnce } from "./news";
import { isNewer, isRecord, RECORD_VERSION } from "./records";

export interface Preset {
  readonly id: string;
  readonly name: string;
  /** Empty: none. */
  readonly systemPrompt: string;
  /** A model's id; undefined takes whichever is loaded. */
  readonly model: string | undefined;
  /** What is left out is the model's own. */
  readonly sampling: Partial<Sampling>;
  /** [tokens] */
  readonly contextLength: number | undefined;
  /** [tokens] What a reply ends at; undefined lets it end by itself. */
  readonly maxTokens: number | undefined;
}

const FILE_KIND = "ingle-presets";
const FILE_VERSION = 1;
const MOST_PRESETS = 10_000;

const from = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));
const whole = (least: number, most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));

/** As far as the engines go. */
const samplingSchema = v.partial(
  v.object({
    temperature: from(0, 100),
    topK: whole(0, 2 ** 31),
    topP: from(0, 1),
    minP: from(0, 1),
    repetitionPenalty: from(0.01, 100),
    frequencyPenalty: from(-100, 100),
    presencePenalty: from(-100, 100),
    seed: whole(0, 2 ** 32 - 1),
  }),
);

const entries = {
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  systemPrompt: v.optional(v.pipe(v.string(), v.maxLength(1_000_000)), ""),
  model: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1000))),
  sampling: v.optional(samplingSchema, {}),
  contextLength: v.optional(whole(1, 2 ** 31)),
  maxTokens: v.optional(whole(1, 2 ** 31)),
};

const fileSchema = v.object({ presets: v.pipe(v.array(v.object(entries)), v.minLength(1), v.maxLength(MOST_PRESETS)) });
const keptSchema = v.object(entries);

/** By name. What is broken, or a newer Ingle's, is not listed and stays as it is. */
export async function listPresets(): Promise<readonly Preset[]> {
  const all = await transact("readonly", (records) => readAll(records, ["preset"]));
  return all
    .flatMap(({ id, record }) => {
      const found = isNewer(record) ? undefined : v.safeParse(keptSchema, record);
      return found?.success === true ? [presetOf(id, found.output)] : [];
    })
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

/**
 * Adds them, or replaces those with their ids: all or none.
 *
 * @throws IngleError "request-invalid" for values out of their ranges.
 */
export async function savePresets(presets: readonly Preset[]): Promise<void> {
  const checked = presets.map((preset) => [preset.id, check(keptSchema, withoutId(preset), outOfRange)] as const);
  await transact("readwrite", (records) => {
    for (const [id, preset] of checked) put(records, ["preset", id], { version: RECORD_VERSION, ...preset });
    return Promise.resolve();
  });
  tellOnce({ type: "presets-changed" });
}

export async function removePreset(id: string): Promise<void> {
  await transact("readwrite", (records) => {
    remove(records, ["preset", id]);
    return Promise.resolve();
  });
  tellOnce({ type: "presets-changed" });
}

export async function removeAllPresets(): Promise<void> {
  await transact("readwrite", (records) => {
    removeAll(records, ["preset"]);
    return Promise.resolve();
  });
  tellOnce({ type: "presets-changed" });
}

/** A file names no ids: whoever takes presets in adds them, and replaces none. */
export function toPresetFile(presets: readonly Preset[]): string {
  const file = { kind: FILE_KIND, version: FILE_VERSION, presets: presets.map(withoutId) };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** All of them or none, with new ids. @throws IngleError "file-invalid" */
export function readPresetFile(text: string): readonly Preset[] {
  const json = parseBounded(text);
  if (!isRecord(json) || json["kind"] !== FILE_KIND) throw invalid("it is no file of Ingle's presets");
  const version = json["version"];
  if (typeof version !== "number") throw invalid("it does not say which version of a file it is");
  if (version > FILE_VERSION) {
    throw invalid(
      `it has version ${version}, and this page reads version ${FILE_VERSION}. Reload the page for a newer one`,
    );
  }
  return check(fileSchema, json).presets.map((preset) => presetOf(crypto.randomUUID(), preset));
}

function withoutId(preset: Preset): Omit<Preset, "id"> {
  const { name, systemPrompt, model, sampling, contextLength, maxTokens } = preset;
  return { name, systemPrompt, model, sampling, contextLength, maxTokens };
}

function outOfRange(why: string): IngleError {
  return new IngleError("request-invalid", `This preset can't be kept: ${why}.`);
}

function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  refuse: (why: string) => IngleError = invalid,
): v.InferOutput<S> {
  const found = v.safeParse(schema, value);
  if (found.success) return found.output;
  const [issue] = found.issues;
  throw refuse(`${v.getDotPath(issue)?.slice(0, 200) ?? "the preset"} is not as it should be`);
}

function presetOf(id: string, { sampling, ...rest }: v.InferOutput<typeof keptSchema>): Preset {
  const absent = { model: undefined, contextLength: undefined, maxTokens: undefined };
  return { ...absent, ...rest, id, sampling: sampling as Partial<Sampling> };
}
