/** Two reports side by side: what differs, and on request the rest. */
import { css, html, LitElement, nothing } from "lit";
import { compareReports, type ComparedRow, type ComparedSection } from "../probe/compare";
import type { CapabilityReport } from "../probe/report";
import { breakable } from "./breakable";
import { messages, translation } from "./messages";
import { sayReport } from "./said";
import { controls, shared, tables } from "./styles";

/** @fires compare-end */
export class CompareView extends LitElement {
  static override properties = { first: { attribute: false }, second: { attribute: false }, all: { state: true } };
  declare first: CapabilityReport;
  declare second: CapabilityReport;
  declare private all: boolean;

  constructor() {
    super();
    this.all = false;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("h2")?.focus();
  }

  protected override render() {
    const sections = compareReports(sayReport(this.first), sayReport(this.second), translation?.report);
    const rows = sections.flatMap((section) => section.rows);
    const same = rows.filter((row) => row.same).length;
    return html`<section class="sheet" aria-labelledby="title">
      <h2 id="title" tabindex="-1">${messages.compareHeading}</h2>
      <p>${messages.compareSummary(rows.length - same, same)}</p>
      <div class="row">
        <label class="inline">
          <input type="checkbox" .checked=${this.all} @change=${() => (this.all = !this.all)} /> ${messages.compareAll}
        </label>
        <button @click=${() => this.dispatchEvent(new Event("compare-end"))}>${messages.compareEnd}</button>
      </div>
      ${sections.map((section) => this.#renderSection(section))}
    </section>`;
  }

  #renderSection({ title, rows }: ComparedSection) {
    const shown = this.all ? rows : rows.filter((row) => !row.same);
    if (shown.length === 0) return nothing;
    return html`<h3>${title}</h3>
      <table role="table" class="several">
        <caption class="visually-hidden">
          ${title}
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader" class="name">${messages.columnName}</th>
            <th scope="col" role="columnheader">${messages.compareFirst}</th>
            <th scope="col" role="columnheader">${messages.compareSecond}</th>
            <th scope="col" role="columnheader">${messages.compareDifference}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${shown.map(renderRow)}
        </tbody>
      </table>`;
  }

  static override styles = [
    shared,
    controls,
    tables,
    css`
      h3 {
        margin-top: 1.25rem;
        font-size: 1rem;
      }
      .row {
        margin-top: 0.5rem;
        justify-content: space-between;
      }
      .inline {
        font-weight: 400;
        margin: 0;
      }
      table {
        --cells: 3;
        table-layout: fixed;
        font-size: 0.875rem;
      }
    `,
  ];
}
customElements.define("compare-view", CompareView);

function renderRow({ label, first, second, difference }: ComparedRow) {
  return html`<tr role="row">
    <th scope="row" role="rowheader">${breakable(label)}</th>
    <td role="cell">${first ?? messages.compareAbsent}</td>
    <td role="cell">${second ?? messages.compareAbsent}</td>
    <td role="cell">${difference}</td>
  </tr>`;
}
