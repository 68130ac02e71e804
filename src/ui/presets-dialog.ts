/** All presets, and one of them being written. Fetched when it is first opened. Tells "closed". */
import { html, LitElement, nothing } from "lit";
import type { Preset } from "../chat/presets";
import type { OpenTalk } from "../talk/open-talk";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { presetsDialogStyles } from "./presets-dialog-styles";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { refocus } from "./refocus";
import { saveFile } from "./save-file";
import { controls, fields, shared } from "./styles";

/** As the data's bounds are (chat/presets.ts). */
const SAMPLING = [
  { name: "temperature", min: 0, max: 100, step: "any" },
  { name: "topP", min: 0, max: 1, step: "any" },
  { name: "topK", min: 0, max: 2 ** 31, step: 1 },
  { name: "minP", min: 0, max: 1, step: "any" },
  { name: "repetitionPenalty", min: 0.01, max: 100, step: "any" },
  { name: "seed", min: 0, max: 2 ** 32 - 1, step: 1 },
] as const satisfies readonly { name: keyof Preset["sampling"]; min: number; max: number; step: number | "any" }[];

export class PresetsDialog extends LitElement {
  static override properties = {
    open: { attribute: false },
    first: { attribute: false },
    edited: { state: true },
    isHeld: { state: true },
  };
  declare open: OpenTalk;
  /** The preset to begin with. */
  declare first: string | undefined;
  declare private edited: Preset | undefined;
  /** Whether it was not closed, for what is written and not saved. */
  declare private isHeld: boolean;
  #isChanged = false;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.isHeld = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.open.presets.subscribe(() => this.requestUpdate());
    this.edited = this.first === undefined ? undefined : this.open.presets.find(this.first);
  }

  override disconnectedCallback(): void {
    this.#unsubscribe();
    super.disconnectedCallback();
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  protected override render() {
    const { presets } = this.open;
    const { list, problem, removed, imported } = presets.state;
    return html`<dialog
      aria-labelledby="presets"
      @keydown=${(event: KeyboardEvent) => event.key === "Escape" && !event.isComposing && this.#hold(event)}
      @cancel=${this.#hold}
      @close=${() => this.dispatchEvent(new CustomEvent("closed"))}
    >
      <h2 id="presets">${messages.presetsTitle}</h2>
      <p class="small soft">${messages.presetsIntro}</p>
      <div class="small" role="status">
        ${
          removed === undefined
            ? nothing
            : html`${messages.presetsRemoved(removed.name)}
                <button class="plain undo" @click=${() => this.#undo(removed)}>${messages.chatUndo}</button>`
        }
        ${imported === undefined ? nothing : messages.presetsImported(imported)}
        ${this.isHeld ? messages.presetsUnsaved : nothing}
      </div>
      <p class="small error" role="alert">${problem === undefined ? "" : sayProblem(problem)}</p>
      ${this.edited === undefined ? this.#renderList(list) : this.#renderForm(this.edited)}
    </dialog>`;
  }

  #renderList(list: readonly Preset[]) {
    return html`<ul>
        ${list.map(
          (preset) =>
            html`<li>
              <span dir="auto">${preset.name}</span>
              <button aria-label=${messages.presetsEditOf(preset.name)} @click=${() => this.#edit(preset)}>
                ${messages.chatEdit}
              </button>
              <button aria-label=${messages.presetsCopyOf(preset.name)} @click=${() => this.#duplicate(preset)}>
                ${messages.presetsCopy}
              </button>
              <button aria-label=${messages.presetsRemoveOf(preset.name)} @click=${() => this.#remove(preset)}>
                ${messages.chatDelete}
              </button>
            </li>`,
        )}
      </ul>
      <div class="row">
        <button class="primary" @click=${() => this.#edit(blank())}>${messages.presetsNew}</button>
        <button @click=${() => this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click()}>
          ${messages.chatImport}
        </button>
        <button ?disabled=${list.length === 0} @click=${this.#export}>${messages.chatExportAll}</button>
        <button class="plain" @click=${this.#close}>${messages.chatKeysClose}</button>
        <input
          type="file"
          hidden
          accept=".json,application/json"
          aria-label=${messages.chatImport}
          @change=${this.#import}
        />
      </div>`;
  }

  #renderForm({ name, systemPrompt, model, sampling, contextLength, maxTokens }: Preset) {
    const kept = this.open.desk.state.entries.filter((entry) => entry.kept !== undefined);
    const missing = model !== undefined && !kept.some(({ id }) => id === model);
    return html`<form action=${QUIET_FORM_ACTION} @submit=${this.#save} @input=${() => (this.#isChanged = true)}>
      <label for="name">${messages.presetsName}</label>
      <input id="name" required maxlength="200" dir="auto" autocomplete="off" spellcheck="false" .value=${name} />
      <label for="system">${messages.presetsSystem}</label>
      <textarea
        id="system"
        rows="5"
        dir="auto"
        spellcheck="false"
        writingsuggestions="false"
        .value=${systemPrompt}
      ></textarea>
      <div class="fields">
        <div>
          <label for="model">${messages.chatModel}</label>
          <select id="model">
            <option value="">${messages.presetsAnyModel}</option>
            ${kept.map(({ id, name }) => html`<option value=${id} ?selected=${id === model}>${name}</option>`)}
            ${missing ? html`<option value=${model} selected>${messages.presetsMissing(model)}</option>` : nothing}
          </select>
        </div>
        ${SAMPLING.map(({ name, min, max, step }) => this.#renderNumber(name, sampling[name], min, max, step))}
        ${this.#renderNumber("contextLength", contextLength, 256, 131_072, 1)}
        ${this.#renderNumber("maxTokens", maxTokens, 1, 131_072, 1)}
      </div>
      <p class="small soft">${messages.presetsHint}</p>
      <div class="row">
        <button class="primary">${messages.presetsSave}</button>
        <button type="button" class="plain" @click=${this.#leave}>${messages.chatCancel}</button>
      </div>
    </form>`;
  }

  #renderNumber(
    name: keyof typeof messages.presetsNumbers,
    value: number | undefined,
    min: number,
    max: number,
    step: number | "any",
  ) {
    return html`<div>
      <label for=${name}>${messages.presetsNumbers[name]}</label>
      <input id=${name} type="number" min=${min} max=${max} step=${step} .value=${String(value ?? "")} />
    </div>`;
  }

  readonly #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { edited } = this;
    if (edited === undefined) return;
    const text = (id: string) =>
      this.renderRoot.querySelector<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(`#${id}`)?.value ?? "";
    const number = (id: string) => (text(id) === "" ? undefined : Number(text(id)));
    // What the form does not have stays.
    const numbers = { ...edited.sampling, ...Object.fromEntries(SAMPLING.map(({ name }) => [name, number(name)])) };
    const given = Object.entries<number | undefined>(numbers).filter(([, value]) => value !== undefined);
    const sampling: Preset["sampling"] = Object.fromEntries(given);
    const isKept = await this.open.presets.save({
      id: edited.id,
      name: text("name"),
      systemPrompt: text("system"),
      model: text("model") === "" ? undefined : text("model"),
      sampling,
      contextLength: number("contextLength"),
      maxTokens: number("maxTokens"),
    });
    if (isKept) this.#leave();
  };

  #edit(preset: Preset): void {
    this.#isChanged = false;
    refocus(() => this.#find("#name"));
    this.edited = preset;
  }

  #duplicate(preset: Preset): void {
    this.#edit({ ...preset, id: crypto.randomUUID(), name: messages.presetsCopyName(preset.name) });
  }

  readonly #leave = (): void => {
    const id = this.edited?.id;
    this.#isChanged = this.isHeld = false;
    refocus(() => this.#rowOf(id) ?? this.#find(".primary"));
    this.edited = undefined;
  };

  /**
   * What is written and not saved is not lost to Escape. The key itself is held, too: the second time in a row a browser
   * may close a dialog without asking.
   */
  readonly #hold = (event: Event): void => {
    if (this.edited === undefined || !this.#isChanged) return;
    event.preventDefault();
    this.isHeld = true;
  };

  #remove(preset: Preset): void {
    refocus(() => this.#find(".undo"));
    void this.open.presets.remove(preset);
  }

  #undo({ id }: Preset): void {
    refocus(
      () => this.#rowOf(id),
      () => this.#find(".primary"),
    );
    void this.open.presets.undoRemoval();
  }

  /** @returns its first button. */
  #rowOf(id: string | undefined): HTMLElement | null {
    const place = this.open.presets.state.list.findIndex((preset) => preset.id === id);
    return place < 0 ? null : this.#find(`li:nth-child(${place + 1}) > button`);
  }

  #find(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  readonly #export = (): void => {
    saveFile("ingle-presets.json", this.open.presets.exportAll(), "application/json");
  };

  readonly #import = (event: Event): void => {
    const [file] = chosenFiles(event);
    if (file !== undefined) void this.open.presets.importFile(file);
  };

  readonly #close = (): void => this.renderRoot.querySelector("dialog")?.close();

  static override styles = [shared, controls, fields, presetsDialogStyles];
}
customElements.define("presets-dialog", PresetsDialog);

function blank(): Preset {
  const id = crypto.randomUUID();
  return {
    id,
    name: "",
    systemPrompt: "",
    model: undefined,
    sampling: {},
    contextLength: undefined,
    maxTokens: undefined,
  };
}
