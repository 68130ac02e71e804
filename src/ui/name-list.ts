/** A list of names that are all present: features, language features. */
import { css, html, LitElement } from "lit";
import { messages } from "./messages";
import { shared } from "./styles";

export class NameList extends LitElement {
  static override properties = { names: { attribute: false } };
  declare names: readonly string[];

  protected override render() {
    if (this.names.length === 0) return html`<p>${messages.none}</p>`;
    return html`<p class="small soft">${messages.presentAll(this.names.length)}</p>
      <ul>
        ${this.names.map((name) => html`<li>${name}</li>`)}
      </ul>`;
  }

  static override styles = [
    shared,
    css`
      ul {
        list-style: none;
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem;
        margin: 0.5rem 0 0;
        padding: 0;
      }
      li {
        font: 0.8125rem/1.4 var(--mono);
        padding: 0.1rem 0.45rem;
        border: 1px solid var(--rule);
        border-radius: var(--round);
        overflow-wrap: anywhere;
      }
    `,
  ];
}
customElements.define("name-list", NameList);
