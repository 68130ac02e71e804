/** Asks for the second report of a comparison: pasted as JSON, as a link, or opened as a file. Loaded when asked for. */
import "@awesome.me/webawesome/dist/components/dialog/dialog.js";
import { css, html, LitElement, nothing } from "lit";
import { readReport, readReportText } from "../probe/read-report";
import type { CapabilityReport } from "../probe/report";
import { unpackReport } from "../probe/share-link";
import { MiB } from "../shared/units";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { parseRoute } from "./router";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

const MAX_FILE_BYTES = MiB;

/**
 * Both when it is gone from the screen, so that the focus can go on from there:
 * @fires report - with the report as its detail
 * @fires cancelled - when it was closed without one
 */
export class CompareDialog extends LitElement {
  static override properties = { open: { state: true }, error: { state: true } };
  declare private open: boolean;
  declare private error: string;

  #report: CapabilityReport | undefined;

  constructor() {
    super();
    this.open = true;
    this.error = "";
  }

  protected override render() {
    // The header's close button would fetch its picture; Cancel and Escape close it.
    return html`<wa-dialog
      ?open=${this.open}
      label=${messages.compareTitle}
      without-header
      @wa-after-hide=${this.#finish}
    >
      <h2>${messages.compareTitle}</h2>
      <p>${messages.compareIntro}</p>
      <form action=${QUIET_FORM_ACTION} @submit=${this.#submit}>
        <label for="text">${messages.comparePaste}</label>
        <textarea
          id="text"
          rows="6"
          autofocus
          spellcheck="false"
          writingsuggestions="false"
          aria-describedby="error"
          aria-invalid=${this.error === "" ? nothing : "true"}
        ></textarea>
        <p id="error" class="error" role="alert">${this.error}</p>
        <div class="row">
          <button class="primary" type="submit">${messages.compareGo}</button>
          <button type="button" @click=${() => this.renderRoot.querySelector<HTMLInputElement>("#file")?.click()}>
            ${messages.compareOpen}
          </button>
          <button type="button" class="plain" @click=${() => (this.open = false)}>${messages.compareCancel}</button>
        </div>
        <input id="file" type="file" accept=".json,application/json" hidden @change=${this.#openFile} />
      </form>
    </wa-dialog>`;
  }

  #finish(): void {
    if (this.#report === undefined) this.dispatchEvent(new Event("cancelled"));
    else this.dispatchEvent(new CustomEvent("report", { detail: this.#report }));
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.renderRoot.querySelector("textarea")?.value ?? "";
    if (text.trim() === "") this.error = messages.compareEmpty;
    else void this.#read(() => readPasted(text));
  }

  #openFile(event: Event): void {
    const [file] = chosenFiles(event);
    if (file === undefined) return;
    if (file.size > MAX_FILE_BYTES) this.error = messages.compareTooLarge;
    else void this.#read(async () => readReportText(await file.text()));
  }

  async #read(read: () => Promise<CapabilityReport>): Promise<void> {
    try {
      this.#report = await read();
      this.open = false;
    } catch (thrown) {
      this.error = sayProblem(thrown);
    }
  }

  static override styles = [
    shared,
    controls,
    css`
      wa-dialog {
        --width: min(36rem, calc(100vw - 2rem));
      }
      form {
        margin-top: 1rem;
      }
      .error {
        min-height: 1.5em;
        margin: 0.25rem 0 0.75rem;
      }
    `,
  ];
}
customElements.define("compare-dialog", CompareDialog);

/** Text that was pasted: a link to a report, or a report. */
async function readPasted(text: string): Promise<CapabilityReport> {
  const trimmed = text.trim();
  const hash = trimmed.indexOf("#/");
  const route = trimmed.startsWith("{") || hash < 0 ? undefined : parseRoute(trimmed.slice(hash));
  return route?.page === "shared" ? readReport(await unpackReport(route.payload)) : readReportText(trimmed);
}
