/**
 * Which model answers: the one used last, or else the starter; one that was got meanwhile takes over when nothing is
 * being written. Loads it when it is needed, and again after it was lost.
 */
import type { ModelDesk } from "../desk/desk";
import type { DeskState, ModelEntry } from "../desk/entries";
import type { Reason } from "../probe/report";
import { unlessAborted } from "../shared/abort";
import { asIngleError, IngleError, throwIfAborted } from "../shared/errors";
import { STARTER, STARTER_ID } from "../shared/starter";
import type { TalkMemory } from "./memory";
import type { ModelNews, ModelState } from "./state";

export type TalkDesk = Pick<
  ModelDesk,
  "state" | "subscribe" | "load" | "loadStarter" | "get" | "pause" | "generate" | "shorten" | "countTokens"
>;

export interface TalkModelParts {
  readonly desk: TalkDesk;
  readonly memory: Pick<TalkMemory, "model">;
  /** Why there is no GPU, where there is none. */
  readonly absence: Reason | undefined;
  /** Whether data is paid for, or was asked to be saved. */
  readonly isMetered: boolean;
  /** Resolves when no reply is being written. */
  readonly whenFree: () => Promise<void>;
  readonly onChange: () => void;
}

export class TalkModel {
  readonly #parts: TalkModelParts;
  /** An entry of the desk, or the starter. */
  #wanted: string;
  #loading: Promise<void> | undefined;
  #problem: IngleError | undefined;
  #news: ModelNews | undefined;
  /** Whether the starter answers only because the wanted one could not be loaded. */
  #isStandIn = false;
  /** Whether somebody said that the starter may be fetched. */
  #isAllowed = false;
  /** Set while nothing is fetched before somebody says so, or another model comes: then it resolves. */
  #unasked: { readonly answered: Promise<void>; readonly tell: () => void } | undefined;

  constructor(parts: TalkModelParts) {
    const { desk, memory, absence } = parts;
    this.#parts = parts;
    const last = desk.state.entries.find(({ id, kept }) => id === memory.model && kept !== undefined);
    this.#wanted = last?.id ?? STARTER_ID;
    if (last === undefined) this.#askForStarter();
    desk.subscribe(() => this.#follow());
    if (absence === undefined && this.#unasked === undefined && desk.state.loaded === undefined) this.#bring();
    this.#follow();
  }

  get state(): ModelState {
    const { desk, absence } = this.#parts;
    if (absence !== undefined) return { phase: "absent", reason: absence.message, remedy: absence.remedy };
    const { loaded, isElsewhere } = desk.state;
    const name = this.#nameOf(this.#wanted);
    const isStarter = this.#wanted === STARTER_ID;
    if (this.#loading !== undefined) return { phase: "loading", name, isStarter, activity: this.#activity() };
    if (loaded !== undefined) {
      const { contextLength } = loaded.info;
      const isStarter = loaded.id === STARTER_ID;
      return { phase: "ready", name: loadedName(desk.state), isStarter, contextLength, isElsewhere };
    }
    if (this.#unasked !== undefined) return { phase: "unasked", name, bytes: STARTER.bytes };
    if (this.#problem !== undefined)
      return { phase: "failed", name, problem: this.#problem.message, problemCode: this.#problem.code };
    return { phase: "resting", name, isStarter };
  }

  /** Of the model that answers, or will; empty where none can. */
  get name(): string {
    const { state } = this;
    return "name" in state ? state.name : "";
  }

  get news(): ModelNews | undefined {
    return this.#news;
  }

  /** The model that the desk recommends, while the starter stands in for it. */
  get offer(): ModelEntry | undefined {
    const { desk, absence } = this.#parts;
    const { recommendation, entries, loaded } = desk.state;
    const isStarter = loaded === undefined ? this.#wanted === STARTER_ID : loaded.id === STARTER_ID;
    if (absence !== undefined || !isStarter) return undefined;
    const best = recommendation?.verdict.model.id;
    return best === STARTER.name ? undefined : entries.find(({ id }) => id === best);
  }

  dismissNews(): void {
    this.#news = undefined;
    this.#parts.onChange();
  }

  /** Somebody wants the model, or wants it tried once more. */
  ask(): void {
    this.#isAllowed = true;
    this.#goOn();
    if (this.#parts.absence === undefined) this.#bring();
  }

  /**
   * Resolves when a model is there to answer.
   *
   * @param isLost that what the desk has for loaded is not there any more.
   * @param wished an entry of the desk that is to answer, if it is kept here.
   * @throws IngleError "device-unavailable"; as the desk's problem; "aborted"
   */
  async ready(signal: AbortSignal, isLost = false, wished?: string): Promise<string> {
    const { desk, absence } = this.#parts;
    if (absence !== undefined) throw new IngleError("device-unavailable", absence.message);
    throwIfAborted(signal);
    const other = this.#otherThanLoaded(wished);
    if (other !== undefined) {
      await unlessAborted(this.#loading?.catch(() => undefined) ?? Promise.resolve(), signal);
      this.#wanted = other;
      this.#goOn(); // it is here
    }
    for (let isToLoad = isLost || other !== undefined; ; isToLoad = false) {
      if (this.#unasked !== undefined) await unlessAborted(this.#unasked.answered, signal);
      if (isToLoad || this.#loading !== undefined || desk.state.loaded === undefined) {
        await unlessAborted(this.#load(), signal);
      }
      if (this.#unasked === undefined) break; // else what is here could not be loaded, and the starter is to be asked for
    }
    const { loaded } = desk.state;
    if (loaded === undefined)
      throw new IngleError("no-model", "The model was taken off the GPU. Ask again to load it.");
    return loadedName(desk.state);
  }

  /** @returns it where it is kept here, and neither loaded nor being loaded. What could not be is not tried each time. */
  #otherThanLoaded(wished: string | undefined): string | undefined {
    const { state } = this.#parts.desk;
    if (wished === (this.#loading === undefined ? loadedId(state) : this.#wanted)) return undefined;
    return state.entries.find(({ id, kept, problem }) => id === wished && kept !== undefined && problem === undefined)
      ?.id;
  }

  /** @returns whether the starter would have to be fetched, and nobody has said that it may. */
  #askForStarter(): boolean {
    const { isMetered, desk } = this.#parts;
    if (!isMetered || this.#isAllowed || desk.state.starter.kept?.missingChunks === 0) return false;
    this.#unasked ??= unanswered();
    return true;
  }

  #goOn(): void {
    this.#unasked?.tell();
    this.#unasked = undefined;
  }

  /** Gets a model behind the conversation, and lets it take over. What goes wrong with it its entry says. */
  async takeOver(id: string): Promise<void> {
    const { desk, whenFree } = this.#parts;
    const entry = () => desk.state.entries.find((each) => each.id === id);
    if (entry()?.kept === undefined) await desk.get(id);
    if (entry()?.kept === undefined) return;
    for (;;) {
      await this.#loading?.catch(() => undefined);
      await this.#whenOthersLoaded();
      await whenFree();
      if (this.#loading === undefined) break;
    }
    this.#wanted = id;
    this.#goOn(); // a message that waits for a model is answered by this one
    await this.#load().catch(() => undefined); // the state says it
    if (this.#wanted === id && this.#problem === undefined) this.#news = { kind: "took-over", name: this.#nameOf(id) };
    this.#parts.onChange();
  }

  #bring(): void {
    void this.#load().catch(() => undefined); // the state says it
  }

  #load(): Promise<void> {
    this.#loading ??= (async () => {
      this.#problem = undefined;
      try {
        await this.#loadWanted();
      } catch (thrown) {
        this.#problem = asIngleError(thrown);
        throw this.#problem;
      } finally {
        this.#loading = undefined;
        this.#follow();
      }
    })();
    this.#parts.onChange();
    return this.#loading;
  }

  /** The Models page or a program has one brought onto the GPU: the desk passes over what else is asked of that one. */
  async #whenOthersLoaded(): Promise<boolean> {
    const { desk, onChange } = this.#parts;
    const other = comingOf(desk.state, this.#wanted);
    if (other === undefined) return false;
    const wanted = this.#wanted;
    this.#wanted = other;
    onChange();
    await new Promise<void>((resolve) => {
      const unsubscribe = desk.subscribe(() => {
        if (comingOf(desk.state, other) !== undefined) return;
        unsubscribe();
        resolve();
      });
    });
    const loaded = loadedId(desk.state);
    // While the wanted one's files were looked at, what was loaded before still is.
    if (loaded !== undefined && (other !== wanted || loaded === wanted)) return true;
    this.#wanted = wanted;
    return false;
  }

  /** What can't be loaded leaves its place to the starter. */
  async #loadWanted(): Promise<void> {
    const { desk } = this.#parts;
    if (await this.#whenOthersLoaded()) return; // and is wanted from now on
    const id = this.#wanted;
    if (id !== STARTER_ID) {
      await desk.load(id);
      const entry = desk.state.entries.find((each) => each.id === id);
      if (entry?.loaded !== undefined) return;
      const { problem, problemCode } = entry ?? {};
      if (entry !== undefined && problem === undefined) throw stopped();
      this.#news = { kind: "fell-back", name: this.#nameOf(id), problem: problem ?? "", problemCode };
      this.#wanted = STARTER_ID;
      this.#isStandIn = true;
      const isToBeAsked = this.#askForStarter();
      this.#parts.onChange();
      if (isToBeAsked) return;
    }
    await desk.loadStarter();
    const { loaded, starter } = desk.state;
    if (loaded === undefined)
      throw starter.problem === undefined ? stopped() : new IngleError("no-model", starter.problem);
  }

  /** Somebody may have loaded another one on the Models page. */
  #follow(): void {
    const { desk, memory, onChange } = this.#parts;
    const { loaded } = desk.state;
    if (loaded !== undefined && this.#loading === undefined) {
      this.#problem = undefined;
      this.#goOn();
      this.#wanted = loadedId(desk.state) ?? STARTER_ID;
      this.#isStandIn &&= this.#wanted === STARTER_ID;
      // What could not be loaded today is tried on the next visit.
      if (!this.#isStandIn) memory.model = this.#wanted;
    }
    onChange();
  }

  #activity() {
    const { starter, entries } = this.#parts.desk.state;
    if (this.#wanted === STARTER_ID) return starter.activity;
    return entries.find(({ id }) => id === this.#wanted)?.activity;
  }

  #nameOf(id: string): string {
    if (id === STARTER_ID) return STARTER.name;
    return this.#parts.desk.state.entries.find((entry) => entry.id === id)?.name ?? id;
  }
}

function unanswered() {
  let tell: () => void = () => undefined;
  return { answered: new Promise<void>((resolve) => (tell = resolve)), tell: () => tell() };
}

function stopped(): IngleError {
  return new IngleError("no-model", "Loading the model was stopped.");
}

/** What is being brought onto the GPU; or the one that is wanted, while its files are looked at or taken away. */
function comingOf({ starter, entries }: DeskState, wanted: string): string | undefined {
  return [{ ...starter, id: STARTER_ID }, ...entries].find(({ id, activity }) => {
    if (activity?.kind === "loading" || activity?.kind === "measuring") return true;
    return id === wanted && (activity?.kind === "verifying" || activity?.kind === "removing");
  })?.id;
}

/** As the list has it: a repository's own name says more than people want to know. */
function loadedName({ loaded, entries }: DeskState): string {
  return entries.find((entry) => entry.loaded !== undefined)?.name ?? loaded?.info.name ?? "";
}

/** An entry's, or the starter's. */
function loadedId({ loaded, entries }: DeskState): string | undefined {
  if (loaded === undefined) return undefined;
  return entries.find((entry) => entry.loaded !== undefined)?.id ?? STARTER_ID;
}
