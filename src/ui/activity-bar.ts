/** How far something is that is being done with a model: what it is, a bar, and the bytes. */
import { css, html, LitElement, nothing } from "lit";
import type { Activity } from "../desk/entries";
import { formatBytes } from "../shared/units";
import { messages } from "./messages";
import { shared } from "./styles";

export class ActivityBar extends LitElement {
  static override properties = {
    activity: { attribute: false },
    name: { attribute: false },
    isBare: { attribute: false },
  };
  declare activity: Activity | undefined;
  /** The model's, for who hears the bar and does not see where it stands. */
  declare name: string;
  /** Without its label, which stands beside it. */
  declare isBare: boolean;

  constructor() {
    super();
    this.isBare = false;
  }

  protected override render() {
    const { activity, name } = this;
    const label =
      activity === undefined
        ? messages.modelsActivities.loading
        : activity.kind === "measuring"
          ? messages.modelsMeasuring(messages.modelsEngines[activity.engine])
          : messages.modelsActivities[activity.kind];
    const counted = bytesOf(activity);
    return html`<div class="line">
      ${this.isBare ? nothing : html`<span aria-hidden="true">${label}</span>`}
      ${
        counted === undefined
          ? html`<progress aria-label=${`${label}: ${name}`}></progress>`
          : html`<progress aria-label=${`${label}: ${name}`} max=${counted.total} .value=${counted.done}></progress>
              <span class="soft"
                >${messages.modelsProgress(formatBytes(counted.done), formatBytes(counted.total), "")}</span
              >`
      }
      ${counted?.left === undefined ? nothing : html`<span class="soft">${counted.left}</span>`}
    </div>`;
  }

  static override styles = [
    shared,
    css`
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 0.6rem;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      progress {
        inline-size: min(14rem, 100%);
        accent-color: var(--ember);
      }
    `,
  ];
}
customElements.define("activity-bar", ActivityBar);

function bytesOf(activity: Activity | undefined) {
  const progress = activity !== undefined && "progress" in activity ? activity.progress : undefined;
  if (progress === undefined || !("bytesDone" in progress) || progress.bytesTotal === undefined) return undefined;
  const secondsLeft = "secondsLeft" in progress ? progress.secondsLeft : undefined;
  const left =
    secondsLeft === undefined || secondsLeft < 5
      ? undefined
      : messages.modelsLeft(messages.modelsMinutes(Math.ceil(secondsLeft / 60))).replace(/^, /u, "");
  return { done: progress.bytesDone, total: progress.bytesTotal, left };
}
