/** A model that the catalogue lacks: by its address, or from disk. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

export class AddModel extends LitElement {
  static override properties = {
    desk: { attribute: false },
    isBusy: { state: true },
    looking: { state: true },
    problem: { state: true },
    done: { state: true },
  };
  declare desk: ModelDesk;
  /** Until it is known what it is, and its entry in the list tells the rest. */
  declare private isBusy: boolean;
  /** While its host is asked. */
  declare private looking: AbortController | undefined;
  declare private problem: string;
  /** What came of it. */
  declare private done: string;

  constructor() {
    super();
    this.isBusy = false;
    this.problem = this.done = "";
  }

  protected override render() {
    return html`<section class="sheet" aria-labelledby="add">
      <h2 id="add">${messages.modelsAdd}</h2>
      <form action=${QUIET_FORM_ACTION} @submit=${this.#submit}>
        <label for="address">${messages.modelsAddAddress}</label>
        <div class="row">
          ${this.#renderAddress("address")}
          <button type="submit" ?disabled=${this.isBusy}>${messages.modelsAddGet}</button>
          ${
            this.looking === undefined
              ? nothing
              : html`<button type="button" @click=${this.#stop}>${messages.modelsStop}</button>`
          }
        </div>
        <p id="hint" class="small soft">${messages.modelsAddHint}</p>
        <p id="problem" class="small error" role="alert">${this.problem}</p>
        <details>
          <summary class="small soft">${messages.modelsAddForWebLlm}</summary>
          <label for="library">${messages.modelsAddLibrary}</label>
          ${this.#renderAddress("library")}
        </details>
        <p class="small" role="status">${this.isBusy ? messages.modelsAdding : this.done}</p>
        <label for="files">${messages.modelsAddFiles}</label>
        <input id="files" type="file" multiple ?disabled=${this.isBusy} @change=${this.#choose} />
      </form>
    </section>`;
  }

  /** Only the model's own tells what is wrong with it. */
  #renderAddress(id: "address" | "library") {
    const isTold = id === "address";
    return html`<input
      id=${id}
      class="code"
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      ?readonly=${this.isBusy}
      aria-describedby=${isTold ? "hint problem" : nothing}
      aria-invalid=${isTold && this.problem !== "" ? "true" : nothing}
    />`;
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    const field = this.renderRoot.querySelector<HTMLInputElement>("#address");
    const library = this.renderRoot.querySelector<HTMLInputElement>("#library");
    if (field === null || library === null || this.isBusy) return; // Enter sends a form twice, too
    if (field.value.trim() === "") {
      this.problem = messages.modelsAddEmpty;
      field.focus();
      return;
    }
    const named = [field.value, library.value] as const;
    const looking = (this.looking = new AbortController());
    void this.#add(async (onBegun) => {
      try {
        const clear = () => {
          field.value = library.value = "";
          onBegun();
        };
        return await this.desk.add(...named, { signal: looking.signal, onBegun: clear });
      } catch (thrown) {
        // Nothing of it came: it may be a slip of the hand. What was typed meanwhile stays.
        if (field.value === "") [field.value, library.value] = named;
        if (looking.signal.aborted) return undefined;
        throw thrown;
      }
    });
  };

  readonly #stop = (): void => {
    this.looking?.abort();
    this.renderRoot.querySelector<HTMLInputElement>("#address")?.focus(); // this button goes
  };

  readonly #choose = (event: Event): void => {
    const files = chosenFiles(event);
    if (files.length > 0) void this.#add((onBegun) => this.desk.addFiles(files, onBegun));
  };

  async #add(work: (onBegun: () => void) => Promise<string | undefined>): Promise<void> {
    this.problem = this.done = "";
    this.isBusy = true;
    let isBegun = false;
    const begin = () => {
      if (isBegun) return; // the next one may be looked at by now
      isBegun = true;
      this.isBusy = false;
      this.looking = undefined;
    };
    try {
      const name = await work(begin);
      if (name !== undefined) this.done = messages.modelsAdded(name);
    } catch (thrown) {
      this.problem = sayProblem(thrown);
    }
    begin();
  }

  static override styles = [
    shared,
    controls,
    css`
      .sheet {
        margin-top: 1rem;
      }
      form {
        margin-top: 0.5rem;
      }
      form .row {
        flex-wrap: nowrap;
        max-width: 48rem;
      }
      form button {
        white-space: nowrap;
      }
      summary {
        cursor: pointer;
        padding-block: 0.25rem;
      }
      form p {
        margin-top: 0.25rem;
      }
      p:empty {
        margin: 0;
      }
      #hint {
        overflow-wrap: anywhere;
      }
      input[type="file"] {
        font: inherit;
        max-width: 100%;
      }
    `,
  ];
}
customElements.define("add-model", AddModel);
