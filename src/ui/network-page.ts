/** `#/network`: which hosts the page may reach, and who is held to it. The settings have the same. */
import { html, LitElement, nothing } from "lit";
import type { Shell } from "../app";
import { STARTER_HOST } from "../shared/policy";
import "./host-list";
import { messages } from "./messages";
import { shared } from "./styles";

export class NetworkPage extends LitElement {
  static override properties = { shell: { attribute: false } };
  declare shell: Shell | undefined;

  protected override render() {
    return html`
      <h1>${messages.networkTitle}</h1>
      <p>${messages.networkIntro}</p>
      ${STARTER_HOST === undefined ? nothing : html`<p>${messages.networkStarter(STARTER_HOST)}</p>`}
      <host-list .shell=${this.shell}></host-list>
    `;
  }

  static override styles = [shared];
}
customElements.define("network-page", NetworkPage);
