/** All presets, and one of them being written. Fetched when it is first opened. Tells "closed". */
import { css, html, LitElement, nothing } from "lit";
import type { Preset } from "../chat/presets";
import type { OpenTalk } from "../talk/open-talk";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { saveFile } from "./save-file";
import { controls, field, fields, shared } from "./styles";

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
  static override properties = { open: { attribute: false }, first: { attribute: false }, edited: { state: true } };
  declare open: OpenTalk;
  /** The preset to begin with. */
  declare first: string | undefined;
  declare private edited: Preset | undefined;
  #unsubscribe: () => void = () => undefined;

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
    return html`<dialog aria-labelledby="presets" @close=${() => this.dispatchEvent(new CustomEvent("closed"))}>
      <h2 id="presets">${messages.presetsTitle}</h2>
      <p class="small soft">${messages.presetsIntro}</p>
      <div class="small" role="status">
        ${
          removed === undefined
            ? nothing
            : html`${messages.presetsRemoved(removed.name)}
                <button class="plain" @click=${() => void presets.undoRemoval()}>${messages.chatUndo}</button>`
        }
        ${imported === undefined ? nothing : messages.presetsImported(imported)}
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
              <button aria-label=${messages.presetsEditOf(preset.name)} @click=${() => (this.edited = preset)}>
                ${messages.chatEdit}
              </button>
              <button aria-label=${messages.presetsCopyOf(preset.name)} @click=${() => this.#duplicate(preset)}>
                ${messages.presetsCopy}
              </button>
              <button
                aria-label=${messages.presetsRemoveOf(preset.name)}
                @click=${() => void this.open.presets.remove(preset)}
              >
                ${messages.chatDelete}
              </button>
            </li>`,
        )}
      </ul>
      <div class="row">
        <button class="primary" @click=${() => (this.edited = blank())}>${messages.presetsNew}</button>
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
    // Without spelling: Chromium would fetch a dictionary for it as soon as something is written.
    return html`<form action=${QUIET_FORM_ACTION} @submit=${this.#save}>
      <label for="name">${messages.presetsName}</label>
      <input id="name" required maxlength="200" dir="auto" autocomplete="off" spellcheck="false" .value=${name} />
      <label for="system">${messages.presetsSystem}</label>
      <textarea id="system" rows="5" dir="auto" spellcheck="false" .value=${systemPrompt}></textarea>
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
        <button type="button" class="plain" @click=${() => (this.edited = undefined)}>${messages.chatCancel}</button>
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
    if (isKept) this.edited = undefined;
  };

  #duplicate(preset: Preset): void {
    this.edited = { ...preset, id: crypto.randomUUID(), name: messages.presetsCopyName(preset.name) };
  }

  readonly #export = (): void => {
    saveFile("ingle-presets.json", this.open.presets.exportAll(), "application/json");
  };

  readonly #import = (event: Event): void => {
    const [file] = chosenFiles(event);
    if (file !== undefined) void this.open.presets.importFile(file);
  };

  readonly #close = (): void => this.renderRoot.querySelector("dialog")?.close();

  static override styles = [
    shared,
    controls,
    fields,
    css`
      dialog {
        width: min(40rem, 100vw - 2rem);
        max-height: calc(100dvh - 2rem);
        overflow: auto;
        padding: 1.25rem;
        border: 1px solid var(--rule);
        border-radius: 10px;
        background: var(--sheet);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      ul {
        list-style: none;
        padding: 0;
        margin: 0.75rem 0;
      }
      li,
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        align-items: center;
        padding-block: 0.2rem;
      }
      li > span {
        flex: 1 1 8rem;
        overflow-wrap: anywhere;
      }
      form > input,
      textarea {
        ${field}
        padding: 0.4rem 0.6rem;
        margin-bottom: 0.6rem;
      }
      p:empty {
        margin: 0;
      }
    `,
  ];
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
