/** Which preset the conversation goes by, and the way to all of them. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import type { OpenTalk } from "../talk/open-talk";
import { messages } from "./messages";
import { controls, field, shared } from "./styles";

export class ChatPreset extends LitElement {
  static override properties = {
    open: { attribute: false },
    chosen: { attribute: false },
    isEditing: { state: true },
  };
  declare open: OpenTalk | undefined;
  /** The conversation's, by its id. */
  declare chosen: string | undefined;
  /** Whether the presets' dialog is open, which is fetched for that. */
  declare private isEditing: boolean;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.isEditing = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("open")) return;
    this.#unsubscribe();
    this.#unsubscribe = this.open?.presets.subscribe(() => this.requestUpdate()) ?? (() => undefined);
  }

  override disconnectedCallback(): void {
    this.#unsubscribe();
    super.disconnectedCallback();
  }

  protected override render() {
    const { open } = this;
    if (open === undefined) return nothing;
    const { list } = open.presets.state;
    const chosen = list.find(({ id }) => id === this.chosen);
    return html`<div class="line small">
        ${
          list.length === 0
            ? nothing
            : html`<label for="preset" class="soft">${messages.presetsOne}</label>
                <select id="preset" @change=${this.#choose}>
                  <option value="" .selected=${chosen === undefined}>${messages.presetsNone}</option>
                  ${list.map(
                    ({ id, name }) =>
                      html`<option value=${id} .selected=${id === chosen?.id} dir="auto">${name}</option>`,
                  )}
                </select>`
        }
        <button class="plain" @click=${this.#edit}>${messages.presetsAll}</button>
      </div>
      ${
        this.isEditing
          ? html`<presets-dialog
              .open=${open}
              .first=${chosen?.id}
              @closed=${() => (this.isEditing = false)}
            ></presets-dialog>`
          : nothing
      }`;
  }

  readonly #choose = ({ target }: Event): void => {
    const { value } = target as HTMLSelectElement;
    const preset = this.open?.presets.find(value);
    void this.open?.talk.choosePreset(preset?.id);
    const { talk, desk } = this.open ?? {};
    // Where its model is not here, whichever is loaded answers.
    const entry = desk?.state.entries.find(({ id, kept }) => id === preset?.model && kept !== undefined);
    if (entry !== undefined && entry.loaded === undefined) void talk?.model.takeOver(entry.id);
  };

  readonly #edit = async (): Promise<void> => {
    await import("./presets-dialog");
    this.isEditing = true;
  };

  static override styles = [
    shared,
    controls,
    css`
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 0.5rem;
      }
      select {
        ${field}
        width: auto;
        max-width: 14rem;
        min-height: 2rem;
        font-size: 0.875rem;
      }
      button {
        min-height: 2rem;
        font-size: 0.875rem;
      }
    `,
  ];
}
customElements.define("chat-preset", ChatPreset);
