/** The presets, without DOM: all there are, kept, removed with a way back, carried in and out. */
import { expectReadable } from "../chat/export/bounded-json";
import type { ChatHistory } from "../chat/history";
import { listPresets, readPresetFile, removePreset, savePresets, toPresetFile, type Preset } from "../chat/presets";
import { asIngleError, type IngleError } from "../shared/errors";

export interface PresetsState {
  /** By name. */
  readonly list: readonly Preset[];
  readonly problem: IngleError | undefined;
  /** The one that was removed last: it can come back. */
  readonly removed: Preset | undefined;
  /** How many a file brought. */
  readonly imported: number | undefined;
}

export class PresetShelf {
  readonly #listeners = new Set<() => void>();
  #state: PresetsState = { list: [], problem: undefined, removed: undefined, imported: undefined };

  constructor(history: Pick<ChatHistory, "watch">) {
    history.watch(({ type }) => {
      if (type === "presets-changed") void this.refresh();
    });
  }

  get state(): PresetsState {
    return this.#state;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(id: string): Preset | undefined {
    return this.#state.list.find((preset) => preset.id === id);
  }

  /** What was said last stays: this tab hears of its own changes, too. */
  async refresh(): Promise<void> {
    try {
      this.#enter({ list: await listPresets() });
    } catch (thrown) {
      this.#enter({ problem: asIngleError(thrown) });
    }
  }

  /** @returns whether it is kept. */
  async save(preset: Preset): Promise<boolean> {
    return this.#try(() => savePresets([preset]));
  }

  async remove(preset: Preset): Promise<void> {
    await this.#try(async () => {
      await removePreset(preset.id);
      this.#enter({ removed: preset });
    });
  }

  async undoRemoval(): Promise<void> {
    const { removed } = this.#state;
    if (removed !== undefined) await this.save(removed);
  }

  exportAll(): string {
    return toPresetFile(this.#state.list);
  }

  async importFile(file: Pick<File, "text" | "size">): Promise<void> {
    await this.#try(async () => {
      expectReadable(file);
      const presets = readPresetFile(await file.text());
      await savePresets(presets);
      this.#enter({ imported: presets.length });
    });
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    this.#enter({ problem: undefined, removed: undefined, imported: undefined });
    try {
      await work();
      this.#enter({ list: await listPresets() });
      return true;
    } catch (thrown) {
      this.#enter({ problem: asIngleError(thrown) });
      return false;
    }
  }

  #enter(change: Partial<PresetsState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
