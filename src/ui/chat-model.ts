/** Which model answers, how far it is, and the better one that can be had. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { ModelEntry } from "../desk/entries";
import { STARTER_HOST } from "../shared/policy";
import { STARTER } from "../shared/starter";
import { formatBytes } from "../shared/units";
import type { Talk } from "../talk/talk";
import type { TalkState } from "../talk/state";
import "./activity-bar";
import { messages } from "./messages";
import { sayCoded } from "./said";
import { controls, shared } from "./styles";

/** Where the starter comes from, if that is not the page's own host; "cdn.example.org". */
const starterHost = STARTER_HOST?.replace(/^https?:\/\//, "");

export class ChatModel extends LitElement {
  static override properties = {
    talk: { attribute: false },
    desk: { attribute: false },
    state: { attribute: false },
    isBrief: { attribute: false },
  };
  declare talk: Talk | undefined;
  declare desk: ModelDesk | undefined;
  declare state: TalkState | undefined;
  /** Beside a conversation, which has more to say. */
  declare isBrief: boolean;

  constructor() {
    super();
    this.isBrief = false;
  }

  protected override render() {
    const { state } = this;
    const model = state?.model;
    return html`
      <div class="line">
        <div role="status" aria-label=${messages.chatModel}>${this.#sentence()}</div>
        ${model?.phase === "loading" ? html`<activity-bar .activity=${model.activity} .name=${model.name} .isBare=${true}></activity-bar>` : nothing}
        ${this.#renderButton()} ${this.isBrief ? this.#renderLabel() : nothing}
      </div>
      ${this.isBrief ? nothing : this.#renderLabel()} ${this.#renderNews()}
      ${state?.offer === undefined ? nothing : this.#renderOffer(state.offer)}
    `;
  }

  #renderLabel() {
    const model = this.state?.model;
    const isStarter = model !== undefined && "isStarter" in model && model.isStarter;
    return isStarter ? html`<p class="small soft">${messages.chatStarter}</p>` : nothing;
  }

  #sentence(): string {
    const model = this.state?.model;
    switch (model?.phase) {
      case undefined:
        return messages.chatOpening;
      case "absent":
        return messages.chatModelAbsent(model.reason, model.remedy ?? "");
      case "unasked":
        return starterHost === undefined
          ? messages.chatModelUnasked(model.name, formatBytes(model.bytes))
          : messages.chatStarterUnasked(model.name, formatBytes(model.bytes), starterHost);
      case "loading":
        if (model.activity?.kind === "loading") return messages.chatModelLoading(model.name);
        return starterHost === undefined || !model.isStarter
          ? messages.chatModelBringing(model.name)
          : messages.chatStarterBringing(model.name, starterHost);
      case "ready":
        return model.isElsewhere ? messages.chatModelElsewhere(model.name) : messages.chatModelReady(model.name);
      case "resting":
        return messages.chatModelResting(model.name);
      case "failed": {
        const problem = sayCoded(model.problemCode, model.problem);
        return starterHost === undefined || model.name !== STARTER.name
          ? messages.chatModelFailed(model.name, problem)
          : messages.chatStarterFailed(model.name, problem, starterHost);
      }
      default:
        return model satisfies never;
    }
  }

  #renderButton() {
    const { talk } = this;
    const model = this.state?.model;
    const ask = () => talk?.model.ask();
    if (model?.phase === "absent") return html`<a href="#/check">${messages.chatModelAbsentLink}</a>`;
    if (model?.phase === "failed")
      return html`<button @click=${ask}>${messages.chatModelRetry}</button> ${this.#renderWaysOn()}`;
    if (model?.phase !== "unasked") return nothing;
    return html`<button class="primary" @click=${ask}>${messages.chatModelGet(model.name)}</button>`;
  }

  /** Where trying again does not help. */
  #renderWaysOn() {
    return html`<span class="ways small">
      <a href="#/models">${messages.chatOfferOthers}</a>
      <a href="#/check">${messages.chatModelFailedLink}</a>
    </span>`;
  }

  #renderNews() {
    const news = this.state?.news;
    return html`<div class="news" role="status">
      ${
        news === undefined
          ? nothing
          : html`<p>
              ${news.kind === "took-over" ? messages.chatTookOver(news.name) : messages.chatFellBack(news.name, sayCoded(news.problemCode, news.problem))}
              <button class="plain" @click=${() => this.talk?.model.dismissNews()}>${messages.chatDismiss}</button>
            </p>`
      }
    </div>`;
  }

  #renderOffer(entry: ModelEntry) {
    const { name, judged, activity, problem, problemCode } = entry;
    const size = judged === undefined ? "" : formatBytes(judged.build.download.bytes);
    return html`<section class="offer ${this.isBrief ? "brief" : ""}" aria-labelledby="offer">
      <div>
        <h2 id="offer">${messages.chatOffer(name)}</h2>
        ${this.isBrief ? nothing : this.#renderOfferFacts(entry, size)}
        ${activity === undefined ? nothing : html`<activity-bar .activity=${activity} .name=${name}></activity-bar>`}
        <p class="small error" role="alert">${sayCoded(problemCode, problem ?? "")}</p>
      </div>
      ${this.#renderOfferButton(entry, size)}
    </section>`;
  }

  #renderOfferFacts({ judged, kept }: ModelEntry, size: string) {
    return html`<p class="small soft">
      ${
        kept !== undefined || judged === undefined
          ? messages.chatOfferKept
          : messages.chatOfferSize(size, judged.build.download.isEstimate, messages.modelsStates[judged.state])
      }
      ${this.state?.model.phase === "failed" ? nothing : html`<a href="#/models">${messages.chatOfferOthers}</a>`}
    </p>`;
  }

  #renderOfferButton({ id, kept, begun, activity }: ModelEntry, size: string) {
    const { talk, desk } = this;
    if (activity?.kind === "loading") return nothing;
    if (activity !== undefined) {
      return html`<button @click=${() => desk?.pause(id)}>${messages.chatOfferPause}</button>`;
    }
    const text =
      kept !== undefined
        ? messages.chatOfferUse
        : begun !== undefined
          ? messages.chatOfferGoOn
          : messages.chatOfferGet(size);
    return html`<button @click=${() => void talk?.model.takeOver(id)}>${text}</button>`;
  }

  static override styles = [
    shared,
    controls,
    css`
      :host {
        font-size: 0.9375rem;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 0.75rem;
      }
      p {
        margin-top: 0.1rem;
      }
      p:empty {
        margin: 0;
      }
      .ways {
        display: contents; /* as many on a line as there is room for */
      }
      .news p {
        border-inline-start: 3px solid var(--ember);
        padding-inline-start: 0.75rem;
        margin-top: 0.5rem;
      }
      .news button {
        min-height: 1.75rem;
      }
      .offer {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        justify-content: space-between;
        margin-top: 0.6rem;
        padding: 0.6rem 0.9rem;
        background: var(--sheet);
        border: 1px solid var(--rule);
        border-radius: 10px;
      }
      .brief {
        flex-wrap: nowrap;
        padding: 0.2rem 0.4rem 0.2rem 0.9rem;
      }
      .brief > div {
        flex-basis: 8rem;
      }
      .brief h2 {
        font-weight: 400;
      }
      .brief button {
        min-height: 2rem;
        font-size: 0.875rem;
      }
      activity-bar {
        flex: 1 1 14rem;
      }
      .offer > div {
        flex: 1 1 10rem;
      }
      h2 {
        font-size: 0.9375rem;
      }
      /* A small window is the conversation's: its offer is on the Models page, too. */
      @media (max-height: 42rem) {
        .offer p.soft {
          display: none;
        }
      }
      @media (max-height: 30rem) {
        .brief {
          display: none;
        }
      }
    `,
  ];
}
customElements.define("chat-model", ChatModel);
