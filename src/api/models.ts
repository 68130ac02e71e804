/** The models that a program can ask for, and the one that it asks for on the GPU. */
import type { DeskState } from "../desk/entries";
import { unlessAborted } from "../shared/abort";
import { IngleError, throwIfAborted } from "../shared/errors";
import { STARTER, STARTER_ID } from "../shared/starter";
import type { OpenTalk } from "../talk/open-talk";
import type { ListedModel, ModelList } from "./types";

/** How often somebody else may load another model before this one's turn. */
const MOST_TRIES = 3;
const MOST_NAMED = 20;

export type ModelParts = Pick<OpenTalk, "talk"> & {
  readonly desk: Pick<OpenTalk["desk"], "state" | "subscribe" | "load" | "loadStarter">;
};

type Known = Pick<DeskState, "entries" | "starter" | "loaded">;

export function listModels(state: Known): ModelList {
  return { object: "list", data: listed(state) };
}

function listed({ entries, starter, loaded }: Known): ListedModel[] {
  const kept = entries.flatMap((entry) => (entry.kept === undefined ? [] : [{ ...entry, kept: entry.kept }]));
  return [
    // Kept or not, it is there to be asked.
    { id: STARTER_ID, name: STARTER.name, kept: starter.kept },
    ...kept.filter(({ kept }) => kept.id !== STARTER_ID),
  ].map(({ id, name, kept }) => {
    const isOnGpu = loaded?.id === (kept?.id ?? id);
    return {
      id,
      object: "model",
      created: 0,
      owned_by: ownerOf(id),
      ingle: {
        name,
        bytes: kept?.bytes ?? null,
        loaded: isOnGpu,
        context_length: isOnGpu ? loaded.info.contextLength : null,
      },
    };
  });
}

/** A repository's owner; what has none is the user's own. */
function ownerOf(id: string): string {
  if (id === STARTER_ID) return "HuggingFaceTB";
  return /^([\w.-]+)\/[\w.-]+$/.exec(id)?.[1] ?? "user";
}

/**
 * Has the model on the GPU that a request names; where it names none, the loaded one or the one that the chat would load.
 * Waits for the chat's reply before it takes its model away.
 *
 * @returns its id.
 * @throws IngleError "not-stored"; "no-model"; "model-busy"; "device-unavailable"; as loading; "aborted"
 */
export async function bringModel(
  { talk, desk }: ModelParts,
  wished: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { model } = talk.state;
  if (model.phase === "absent") throw new IngleError("device-unavailable", model.reason);
  const onGpu = () => listed(desk.state).find(({ ingle }) => ingle.loaded)?.id;
  const id = wished === undefined ? undefined : find(listed(desk.state), wished);
  if (model.phase === "unasked" && (id ?? STARTER_ID) === STARTER_ID) {
    throw new IngleError("no-model", "This browser asks to save data: no model is fetched before a person says so.");
  }
  if (id === undefined) {
    await talk.model.ready(signal);
    return onGpu() ?? STARTER_ID;
  }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await whenAtRest({ talk, desk }, id, signal);
    if (onGpu() === id) return id;
    await (id === STARTER_ID ? desk.loadStarter() : desk.load(id));
    throwIfAborted(signal);
    const problem = standing(desk.state, id)?.problem;
    if (onGpu() !== id && problem !== undefined) throw new IngleError("no-model", problem);
  }
  if (onGpu() === id) return id;
  throw new IngleError("model-busy", `Another model is loaded whenever ${id} is. Ask again when the page is at rest.`);
}

/**
 * The chat's reply is whole, and what somebody else does with the model is done: the desk does one thing at a time with
 * each, and passes over what else it is asked.
 */
async function whenAtRest({ talk, desk }: ModelParts, id: string, signal: AbortSignal): Promise<void> {
  const isBusy = () => standing(desk.state, id)?.activity !== undefined;
  do {
    let unsubscribe: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      unsubscribe = desk.subscribe(() => isBusy() || resolve());
      if (!isBusy()) resolve();
    });
    await unlessAborted(done, signal).finally(unsubscribe);
    await unlessAborted(talk.whenFree(), signal);
  } while (isBusy());
}

function standing({ entries, starter }: DeskState, id: string) {
  return id === STARTER_ID ? starter : entries.find((entry) => entry.id === id);
}

function find(models: readonly ListedModel[], wished: string): string {
  const exact = models.find(({ id }) => id === wished);
  if (exact !== undefined) return exact.id;
  const named = models.filter(({ ingle }) => ingle.name === wished);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only.id;
  const names = models.slice(0, MOST_NAMED).map(({ id }) => `"${id}"`);
  const more = models.length > MOST_NAMED ? ` and ${models.length - MOST_NAMED} more` : "";
  throw new IngleError(
    "not-stored",
    `${named.length > 1 ? "Several models are called" : "There is no model"} "${wished.slice(0, 200)}" here. There are ${names.join(", ")}${more}; the Models page gets others.`,
  );
}
