/** Why a model is judged as it is, which engine runs it and why, what it takes, and what it may be used for. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelEntry } from "../desk/entries";
import { formatBytes, formatNumber } from "../shared/units";
import { locale, messages } from "./messages";
import { sayCatalogued } from "./said";
import { shared } from "./styles";

export class ModelDetails extends LitElement {
  static override properties = { entry: { attribute: false } };
  declare entry: ModelEntry;

  protected override render() {
    const { verdict, judged } = this.entry;
    if (verdict === undefined || judged === undefined) return nothing;
    const { model } = verdict;
    const { reasons, demands, engineReason, contextLength } = judged;
    const { weights, kv, scratch } = judged.bytes;
    return html`<details>
      <summary>${messages.modelsWhy}</summary>
      <ul>
        ${reasons.map((reason) => html`<li>${reason}</li>`)}
        <li>${engineReason}</li>
        ${demands.map((demand) => html`<li>${demand}</li>`)}
        <li>
          ${messages.modelsBytes(
            formatBytes(weights),
            formatBytes(kv),
            formatBytes(scratch),
            formatNumber(contextLength),
          )}
        </li>
        <li>
          ${messages.modelsMadeFor(
            new Intl.ListFormat(locale).format(model.strengths.map((each) => messages.modelsStrengthNames[each])),
            formatNumber(model.contextLength),
          )}
        </li>
        <li>
          ${messages.modelsLicence}:
          <a href=${model.licence.url} target="_blank" rel="noreferrer">${model.licence.name}</a>${
            model.licence.limits === null ? "." : `. ${sayCatalogued(model.licence.limits)}`
          }
        </li>
        <li>${messages.modelsLanguages}: ${languagesOf(model.languages)}.</li>
      </ul>
    </details>`;
  }

  static override styles = [
    shared,
    css`
      details {
        margin-top: 0.5rem;
        font-size: 0.875rem;
      }
      summary {
        cursor: pointer;
        color: var(--ink-soft);
        padding-block: 0.25rem;
      }
      ul {
        margin: 0.25rem 0 0;
        padding-inline-start: 1.25rem;
      }
    `,
  ];
}
customElements.define("model-details", ModelDetails);

/** In the page's language, as the browser knows their names. */
function languagesOf(codes: readonly string[]): string {
  const names = new Intl.DisplayNames([locale], { type: "language" });
  return codes.map((code) => names.of(code) ?? code).join(", ");
}
