/** A section's rows as a table: what, its value, and for limits how it stands to WebGPU's default. */
import { css, html, LitElement, nothing } from "lit";
import { SELF_EVIDENT, type Row } from "../probe/describe";
import type { Standing } from "../probe/limits";
import { breakable } from "./breakable";
import { messages } from "./messages";
import { shared, tables } from "./styles";

/** Before the words, so that the direction is seen without colour and heard without sight. */
const SIGNS: Readonly<Record<Standing, string>> = {
  better: "▲",
  worse: "▼",
  default: "=",
  unlisted: "·",
};

export class FactTable extends LitElement {
  static override properties = { rows: { attribute: false }, caption: {}, said: {} };
  declare rows: readonly Row[];
  /** Names the table for screen readers; the heading above it is for eyes. */
  declare caption: string;
  /** A reason that the page has given already, which is not repeated in every row. */
  declare said: string | undefined;

  protected override render() {
    const compared = this.rows.some(({ against }) => against !== undefined);
    return html`<table role="table" class=${compared ? "several" : ""}>
      <caption class="visually-hidden">
        ${this.caption}
      </caption>
      <thead role="rowgroup" class=${compared ? "" : "visually-hidden"}>
        <tr role="row">
          <th scope="col" role="columnheader" class="name">${messages.columnName}</th>
          <th scope="col" role="columnheader">${messages.columnValue}</th>
          ${compared ? html`<th scope="col" role="columnheader">${messages.columnAgainst}</th>` : nothing}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${this.rows.map((row) => renderRow(row, compared, this.said))}
      </tbody>
    </table>`;
  }

  static override styles = [
    shared,
    tables,
    css`
      table {
        --cells: 2;
      }
      thead th {
        border-top: 0;
        font-size: 0.875rem;
      }
      th[scope="row"] {
        width: 40%;
        min-width: 7rem;
      }
      .better {
        color: var(--better);
      }
      .worse {
        color: var(--worse);
      }
      .missing {
        color: var(--ink-soft);
      }
    `,
  ];
}
customElements.define("fact-table", FactTable);

function renderRow({ label, text, detail, reason, against }: Row, compared: boolean, said: string | undefined) {
  const explain = reason !== undefined && !SELF_EVIDENT.has(reason.code) && reason.message !== said;
  return html`<tr role="row">
    <th scope="row" role="rowheader">${breakable(label)}</th>
    <td role="cell">
      ${reason === undefined ? text : html`<span class="missing">${text}</span>`}
      ${detail === undefined ? nothing : html`<div class="small soft">${detail}</div>`}
      ${explain ? html`<div class="small soft">${reason.message}</div>` : nothing}
    </td>
    ${
      compared
        ? html`<td role="cell" class=${against?.standing ?? ""}>
            ${against === undefined ? nothing : html`<span aria-hidden="true">${SIGNS[against.standing]}</span> ${against.text}`}
          </td>`
        : nothing
    }
  </tr>`;
}
