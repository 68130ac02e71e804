/** One model: what it is, whether it runs here and why, what is kept of it, and what can be done with it. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { Activity, ModelEntry } from "../desk/entries";
import type { EngineName } from "../shared/engines";
import { formatBytes, formatNumber } from "../shared/units";
import { messages } from "./messages";
import { sayCatalogued, sayCoded } from "./said";
import "./model-details";
import "./notify-offer";
import "./remove-question";
import { controls, shared } from "./styles";

export class ModelCard extends LitElement {
  static override properties = {
    desk: { attribute: false },
    entry: { attribute: false },
    isNext: { attribute: false },
    asks: { state: true },
  };
  declare desk: ModelDesk;
  declare entry: ModelEntry;
  /** Whether getting it is the thing to do next. */
  declare isNext: boolean;
  /** Whether it is to be removed, which is asked first. */
  declare private asks: boolean;
  /** Whether something of it had the focus before this update. */
  #hadFocus = false;
  /** Whether that went, and no button was there to take its place yet. */
  #lostFocus = false;

  constructor() {
    super();
    this.isNext = false;
    this.asks = false;
  }

  /** The button that was pressed gives way to others: who came by keyboard is not to begin at the page's top again. */
  protected override willUpdate(): void {
    this.#hadFocus = (this.shadowRoot?.activeElement ?? null) !== null;
  }

  protected override updated(): void {
    // A button that is taken away leaves the focus to the body; somebody who went elsewhere meanwhile stays there.
    const isNobodys = document.activeElement === null || document.activeElement === document.body;
    const isGone = this.#hadFocus && this.shadowRoot?.activeElement === null;
    this.#lostFocus = isNobodys && (this.#lostFocus || isGone);
    const button = this.#lostFocus ? this.#firstButton() : null;
    if (button === null) return;
    this.#lostFocus = false;
    button.focus({ preventScroll: true });
  }

  #firstButton(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(".row button");
  }

  protected override render() {
    const { name, judged, activity, problem, problemCode } = this.entry;
    return html`
      <article aria-labelledby="name">
        <div class="head">
          <h3 id="name">${name}</h3>
          ${
            judged === undefined
              ? nothing
              : html`<span class="state ${judged.state}">${messages.modelsStates[judged.state]}</span>`
          }
        </div>
        ${this.#renderFacts()} ${this.#renderMeasured()} ${this.#renderKept()}
        ${activity === undefined ? nothing : this.#renderActivity(activity)}
        <p class="error small" role="alert">${sayCoded(problemCode, problem ?? "")}</p>
        ${this.asks ? this.#renderQuestion() : html`<div class="row">${this.#renderActions()}</div>`}
        <model-details .entry=${this.entry}></model-details>
      </article>
    `;
  }

  #renderFacts() {
    const { verdict, judged } = this.entry;
    if (verdict === undefined || judged === undefined) return nothing;
    const { model } = verdict;
    const { build, speed, engine } = judged;
    const facts = [
      parametersOf(model.parameters),
      messages.modelsDownload(formatBytes(build.download.bytes), build.download.isEstimate),
      ...(speed === undefined ? [] : [messages.modelsSpeed(formatNumber(speed.tokensPerSecond), speed.isMeasured)]),
      messages.modelsWith(messages.modelsEngines[engine]),
    ];
    return html`<p>${sayCatalogued(model.description)}</p>
      <p class="small soft">${facts.join(" · ")}</p>`;
  }

  #renderMeasured() {
    const engines = Object.entries(this.entry.measured) as [EngineName, number][];
    if (engines.length === 0) return nothing;
    const said = engines.map(([engine, speed]) =>
      messages.modelsMeasuredWith(messages.modelsEngines[engine], speed === 0 ? undefined : formatNumber(speed)),
    );
    return html`<p class="small">${messages.modelsMeasured(said)}</p>`;
  }

  #renderKept() {
    const { kept, begun, loaded } = this.entry;
    if (begun !== undefined && kept === undefined) {
      return html`<p class="small">${messages.modelsBegun(formatBytes(begun.bytesDone))}</p>`;
    }
    if (kept === undefined) return nothing;
    const unverified = kept.files.filter(({ isVerified }) => !isVerified).map((file) => file.name);
    const sums = unverified.length === 0 ? messages.modelsVerified : messages.modelsUnverified(unverified);
    return html`<p class="small">${messages.modelsKept(formatBytes(kept.bytes))}; ${sums}.</p>
      ${kept.missingChunks > 0 ? html`<p class="small error">${messages.modelsMissing}</p>` : nothing}
      ${
        loaded === undefined
          ? nothing
          : html`<p class="small on-gpu">
              ${messages.modelsLoaded(formatBytes(loaded.bytes.total), messages.modelsEngines[loaded.engine])}
            </p>`
      }`;
  }

  #renderActivity(activity: Activity) {
    const label =
      activity.kind === "measuring"
        ? messages.modelsMeasuring(messages.modelsEngines[activity.engine])
        : messages.modelsActivities[activity.kind];
    const progress = "progress" in activity ? activity.progress : undefined;
    const counted = progress !== undefined && "bytesDone" in progress ? progress : undefined;
    const total = counted?.bytesTotal;
    const rate = counted !== undefined && "bytesPerSecond" in counted ? rateOf(counted) : "";
    return html`<div class="small">
      <label for="progress">${label}</label>
      ${
        counted === undefined || total === undefined
          ? html`<progress id="progress"></progress>`
          : html`<progress id="progress" max=${total} .value=${counted.bytesDone}></progress> ${messages.modelsProgress(
                formatBytes(counted.bytesDone),
                formatBytes(total),
                rate,
              )}`
      }
      ${activity.kind === "downloading" ? html`<notify-offer></notify-offer>` : nothing}
    </div>`;
  }

  #renderQuestion() {
    const { kept, begun, name } = this.entry;
    return html`<remove-question
      .name=${name}
      .bytes=${kept?.bytes ?? begun?.bytesDone ?? 0}
      @keep=${() => (this.asks = false)}
      @remove=${this.#remove}
    ></remove-question>`;
  }

  readonly #remove = async (): Promise<void> => {
    this.asks = false;
    const page = this.getRootNode() as ShadowRoot;
    await this.desk.remove(this.entry.id);
    await this.updateComplete;
    // With the card the focus went; what says how many are left is near.
    const isNobodys = document.activeElement === null || document.activeElement === document.body;
    if (!this.isConnected && isNobodys) page.querySelector<HTMLElement>("#found")?.focus();
  };

  #renderActions() {
    const { id, kept, begun, activity, loaded, judged, engines, name } = this.entry;
    const { desk } = this;
    const look = this.isNext || begun !== undefined ? "primary" : "";
    const button = (text: string, act: () => unknown, look = "") =>
      html`<button class=${look} aria-label=${`${text} ${name}`} @click=${() => void act()}>${text}</button>`;
    if (activity !== undefined) {
      if (activity.kind === "removing") return nothing;
      return button(activity.kind === "downloading" ? messages.modelsPause : messages.modelsStop, () => desk.pause(id));
    }
    if (kept === undefined) {
      const canGet =
        begun !== undefined || (judged !== undefined && (judged.state !== "does-not-fit" || judged.canRetry));
      return html`${
        canGet
          ? button(begun === undefined ? messages.modelsGet : messages.modelsGoOn, () => desk.get(id), look)
          : nothing
      }
      ${begun === undefined ? nothing : button(messages.modelsRemove, () => (this.asks = true))}`;
    }
    return html`${
      loaded === undefined
        ? button(messages.modelsLoad, () => desk.load(id), look)
        : html`${button(messages.modelsUnload, () => desk.unload(id))}
          ${button(engines.length > 1 ? messages.modelsCompare : messages.modelsMeasure, () => desk.compare(id))}`
    }
    ${button(messages.modelsVerify, () => desk.verify(id))} ${button(messages.modelsRemove, () => (this.asks = true))}`;
  }

  static override styles = [
    shared,
    controls,
    css`
      article {
        border-top: 1px solid var(--rule);
        padding: 0.9rem 0;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 0.75rem;
        align-items: baseline;
      }
      h3 {
        font-size: 1rem;
        overflow-wrap: anywhere;
      }
      .state {
        font-size: 0.8125rem;
        color: var(--ink-soft);
      }
      .state.fits {
        color: var(--better);
      }
      .state.does-not-fit {
        color: var(--worse);
      }
      .on-gpu {
        font-weight: 600;
      }
      p.error:empty {
        margin: 0;
      }
      p.small {
        margin-top: 0.25rem;
      }
      .row {
        margin-top: 0.5rem;
      }
      .row:empty {
        display: none;
      }
      progress {
        inline-size: min(20rem, 100%);
        accent-color: var(--ember);
        vertical-align: middle;
      }
      label {
        font-weight: 400;
      }
    `,
  ];
}
customElements.define("model-card", ModelCard);

function rateOf({
  bytesPerSecond,
  secondsLeft,
}: {
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | undefined;
}) {
  if (bytesPerSecond <= 0) return "";
  const left =
    secondsLeft === undefined ? "" : messages.modelsLeft(messages.modelsMinutes(Math.ceil(secondsLeft / 60)));
  return messages.modelsRate(formatBytes(bytesPerSecond), left);
}

function parametersOf(parameters: number): string {
  return parameters < 1e9
    ? messages.modelsMillions(formatNumber(Math.round(parameters / 1e6)))
    : messages.modelsBillions(formatNumber(parameters / 1e9));
}
