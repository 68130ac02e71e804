/** What can be done with a report: copy it, save it, make a link of it, compare it. */
import { css, html, LitElement, nothing } from "lit";
import type { CapabilityReport } from "../probe/report";
import { asIngleError } from "../shared/errors";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { sharedHash } from "./router";
import { controls, shared } from "./styles";

/** @fires compare - with the second report as its detail */
export class ReportActions extends LitElement {
  static override properties = {
    report: { attribute: false },
    status: { state: true },
    byHand: { state: true },
  };
  declare report: CapabilityReport;
  declare private status: string;
  /** What to copy by hand, where the clipboard is out of reach (plain http, a denied permission). */
  declare private byHand: string | undefined;

  #comparing = false;

  constructor() {
    super();
    this.status = "";
  }

  protected override render() {
    return html`
      <div class="row">
        <button @click=${this.#copyJson}>${messages.copyJson}</button>
        <button @click=${this.#download}>${messages.downloadJson}</button>
        <button @click=${this.#copyLink}>${messages.copyLink}</button>
        <button aria-haspopup="dialog" @click=${this.#openCompare}>${messages.compare}</button>
      </div>
      <div class="small soft" role="status">${this.status}</div>
      ${
        this.byHand === undefined
          ? nothing
          : html`<form action=${QUIET_FORM_ACTION}>
              <textarea readonly rows="4" aria-label=${messages.copyByHand} .value=${this.byHand}></textarea>
            </form>`
      }
    `;
  }

  get #json(): string {
    return JSON.stringify(this.report, null, 2);
  }

  async #copyJson(): Promise<void> {
    await this.#copy(Promise.resolve(this.#json), messages.copiedJson);
  }

  async #copyLink(): Promise<void> {
    await this.#copy(makeLink(this.report), messages.copiedLink);
  }

  /** @param making may still be under way: Safari lets a page write only from the click itself, so it is promised. */
  async #copy(making: Promise<string>, done: string): Promise<void> {
    this.byHand = undefined;
    let text: string;
    try {
      const writing = writePromised(making);
      writing.catch(() => undefined); // looked at below, once it is known whether there is a text at all
      text = await making;
      await writing.catch(() => navigator.clipboard.writeText(text));
      this.status = done;
    } catch (thrown) {
      await this.#offerByHand(making, thrown);
    }
  }

  async #offerByHand(making: Promise<string>, thrown: unknown): Promise<void> {
    try {
      this.byHand = await making;
      this.status = messages.copyByHand;
    } catch {
      this.status = sayProblem(thrown); // there is nothing to copy
    }
  }

  #download(): void {
    const url = URL.createObjectURL(new Blob([this.#json], { type: "application/json" }));
    const name = `ingle-report-${this.report.createdAt.slice(0, 10)}.json`;
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000); // the download has begun by then
    this.status = messages.downloaded(name);
  }

  async #openCompare(event: Event): Promise<void> {
    if (this.#comparing) return; // a second click while the dialog is on its way
    this.#comparing = true;
    const trigger = event.currentTarget as HTMLElement;
    const finish = (dialog: HTMLElement): void => {
      dialog.remove();
      this.#comparing = false;
    };
    try {
      const { CompareDialog } = await import("./compare-dialog");
      const dialog = new CompareDialog();
      dialog.addEventListener("report", (event) => {
        finish(dialog);
        this.dispatchEvent(new CustomEvent("compare", { detail: (event as CustomEvent<CapabilityReport>).detail }));
      });
      dialog.addEventListener("cancelled", () => {
        finish(dialog);
        trigger.focus();
      });
      this.renderRoot.append(dialog);
    } catch (thrown) {
      this.#comparing = false;
      this.status = sayProblem(thrown);
    }
  }

  static override styles = [
    shared,
    controls,
    css`
      [role="status"] {
        margin-top: 0.35rem;
        min-height: 1.3em;
      }
      form {
        margin-top: 0.35rem;
      }
    `,
  ];
}
customElements.define("report-actions", ReportActions);

async function makeLink(report: CapabilityReport): Promise<string> {
  const { packReport } = await import("../probe/share-link");
  const link = new URL(location.href);
  link.hash = sharedHash(await packReport(report));
  return link.href;
}

function writePromised(making: Promise<string>): Promise<void> {
  const type = "text/plain";
  try {
    return navigator.clipboard.write([
      new ClipboardItem({ [type]: making.then((text) => new Blob([text], { type })) }),
    ]);
  } catch (thrown) {
    return Promise.reject(asIngleError(thrown)); // no clipboard here, or one that takes no promise
  }
}
