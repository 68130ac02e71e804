/** Offers, while something long comes, to tell when it is here; gone once the person has answered the browser. */
import { html, LitElement, nothing } from "lit";
import { messages } from "./messages";
import { controls, shared } from "./styles";

export class NotifyOffer extends LitElement {
  protected override render() {
    // Where it was denied nothing that a page says changes it.
    if (!("Notification" in globalThis) || Notification.permission !== "default") return nothing;
    return html`<button class="plain small" @click=${this.#ask}>${messages.modelsNotify}</button>`;
  }

  readonly #ask = async (): Promise<void> => {
    await Notification.requestPermission().catch(() => undefined);
    this.requestUpdate();
  };

  static override styles = [shared, controls];
}
customElements.define("notify-offer", NotifyOffer);
