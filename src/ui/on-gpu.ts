/** The model that is on the GPU now: what it takes there, which engine runs it and why, and how to be rid of it. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { DeskState, ModelEntry } from "../desk/entries";
import { formatBytes, formatNumber } from "../shared/units";
import { messages } from "./messages";
import { refocus } from "./refocus";
import { controls, shared } from "./styles";

export class OnGpu extends LitElement {
  static override properties = { desk: { attribute: false }, state: { attribute: false }, unloaded: { state: true } };
  declare desk: ModelDesk;
  declare state: DeskState;
  /** The name of the model that was unloaded here last. */
  declare private unloaded: string | undefined;

  get #loaded(): ModelEntry | undefined {
    return this.state.entries.find(({ loaded }) => loaded !== undefined);
  }

  protected override willUpdate(): void {
    const name = this.#loaded?.name;
    if (name !== undefined && name !== this.unloaded) this.unloaded = undefined;
  }

  protected override render() {
    const entry = this.#loaded;
    if (entry?.loaded === undefined) return this.#renderIdle();
    const { loaded, name } = entry;
    const { weights, kv, scratch, total } = loaded.bytes;
    const context = formatNumber(loaded.contextLength);
    return html`<section class="sheet" aria-labelledby="on-gpu">
      <h2 id="on-gpu">${messages.modelsOnGpu}</h2>
      <p><strong>${name}</strong></p>
      <p class="small">${messages.modelsOnGpuTotal(formatBytes(total))}</p>
      <p class="small">${messages.modelsBytes(formatBytes(weights), formatBytes(kv), formatBytes(scratch), context)}</p>
      <p class="small">${reasonOf(entry)}</p>
      ${this.state.isElsewhere ? html`<p class="small soft">${messages.modelsElsewhere}</p>` : nothing}
      <p class="small soft">${messages.modelsOnGpuIdle(this.state.settings.idleMinutes)}</p>
      ${
        entry.activity === undefined
          ? html`<div class="row">
              <button
                aria-label=${`${messages.modelsUnload} ${name} (${messages.modelsOnGpu})`}
                @click=${() => this.#unload(entry)}
              >
                ${messages.modelsUnload}
              </button>
            </div>`
          : nothing
      }
    </section>`;
  }

  #unload({ id, name }: ModelEntry): void {
    this.unloaded = name;
    refocus(() => this.renderRoot.querySelector<HTMLElement>(".unloaded"));
    void this.desk.unload(id);
  }

  /** Somebody who comes back is told where it went; the focus goes there from the button that is gone. */
  #renderIdle() {
    const { wentIdle, settings } = this.state;
    if (wentIdle === undefined)
      return this.unloaded === undefined
        ? nothing
        : html`<p class="small soft unloaded" tabindex="-1">${messages.modelsUnloaded(this.unloaded)}</p>`;
    return html`<p class="small soft" role="status">${messages.modelsWentIdle(wentIdle, settings.idleMinutes)}</p>`;
  }

  static override styles = [
    shared,
    controls,
    css`
      .sheet {
        margin-top: 1rem;
        border-inline-start: 3px solid var(--ember);
      }
      .row {
        margin-top: 0.5rem;
      }
      strong {
        overflow-wrap: anywhere;
      }
    `,
  ];
}
customElements.define("on-gpu", OnGpu);

/** Where it was loaded before a setting or a measurement changed what would be taken now, the engine alone. */
function reasonOf({ loaded, judged }: ModelEntry): string {
  if (loaded === undefined) return "";
  return judged?.engine === loaded.engine
    ? judged.engineReason
    : messages.modelsRuns(messages.modelsEngines[loaded.engine]);
}
