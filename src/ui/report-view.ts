/** A whole report: the verdict, what can be done with it, then its sections. */
import { css, html, LitElement, nothing } from "lit";
import { describe, type Section } from "../probe/describe";
import { isKnown, valueOf, type CapabilityReport } from "../probe/report";
import { judge, type VerdictLevel } from "../probe/verdict";
import "./bandwidth-chart";
import "./compare-view";
import "./fact-table";
import { messages, translation } from "./messages";
import "./name-list";
import "./report-actions";
import { sayReport } from "./said";
import { controls, shared } from "./styles";

const MARKS: Readonly<Record<VerdictLevel, string>> = { yes: "✓", slow: "~", no: "✕", unknown: "?" };

/** The long and rarely read ones start folded. */
const FOLDED = new Set(["wgsl", "page"]);

export class ReportView extends LitElement {
  static override properties = {
    report: { attribute: false },
    own: { type: Boolean },
    other: { state: true },
  };

  declare report: CapabilityReport;
  /** Whether it is this device's own: then it can be measured (slot "measure"). */
  declare own: boolean;
  /** The second report of a comparison. */
  declare private other: CapabilityReport | undefined;

  protected override render() {
    const said = sayReport(this.report);
    const { level, sentence, remedy, notes } = judge(said, translation?.report);
    const absence = isKnown(said.webgpu) ? undefined : said.webgpu.reason.message;
    const bandwidth = valueOf(this.report.measurements.readBandwidth);
    return html`
      <section class="verdict ${level}" aria-label=${messages.verdict}>
        <span class="mark" aria-hidden="true">${MARKS[level]}</span>
        <div>
          <p class="sentence" data-testid="verdict">${sentence}</p>
          ${remedy === undefined ? nothing : html`<p class="remedy">${remedy}</p>`}
          ${notes.map((note) => html`<p class="soft small">${note}</p>`)}
        </div>
      </section>
      <div class="row tools">
        ${isKnown(this.report.webgpu) ? html`<slot name="measure"></slot>` : nothing}
        ${
          this.own && level === "unknown"
            ? html`<button class="primary" @click=${() => location.reload()}>${messages.checkAgain}</button>`
            : nothing
        }
        <report-actions .report=${this.report} @compare=${this.#compare}></report-actions>
      </div>
      ${
        this.other === undefined
          ? nothing
          : html`<compare-view
              .first=${this.report}
              .second=${this.other}
              @compare-end=${() => (this.other = undefined)}
            ></compare-view>`
      }
      ${
        bandwidth === undefined
          ? nothing
          : html`<bandwidth-chart .bandwidth=${bandwidth} .own=${this.own}></bandwidth-chart>`
      }
      <div class="sections">
        ${describe(said, translation?.report)
          .filter((section) => !isEmpty(section, absence))
          .map((section) => this.#renderSection(section, absence))}
      </div>
    `;
  }

  #compare(event: CustomEvent<CapabilityReport>): void {
    this.other = event.detail;
  }

  #renderSection({ id, title, rows }: Section, absence: string | undefined) {
    const isNames = (id === "features" || id === "wgsl") && rows.every(({ reason }) => reason === undefined);
    const body = isNames
      ? html`<name-list .names=${rows.map(({ label }) => label)}></name-list>`
      : html`<fact-table .rows=${rows} .caption=${title} .said=${absence}></fact-table>`;
    if (FOLDED.has(id)) {
      return html`<details class="sheet" id=${id}>
        <summary><h2>${title}</h2></summary>
        ${body}
      </details>`;
    }
    return html`<section class="sheet" id=${id} aria-labelledby="${id}-title">
      <h2 id="${id}-title">${title}</h2>
      ${body}
    </section>`;
  }

  static override styles = [
    shared,
    controls,
    css`
      .verdict {
        display: flex;
        gap: 0.9rem;
        margin-top: 1rem;
        align-items: start;
      }
      .mark {
        flex: none;
        display: grid;
        place-content: center;
        width: 2.2rem;
        height: 2.2rem;
        border: 2px solid currentColor;
        border-radius: 50%;
        font-weight: 700;
        color: var(--ink-soft);
      }
      .yes .mark {
        color: var(--better);
      }
      .slow .mark {
        color: var(--ember);
      }
      .no .mark {
        color: var(--worse);
      }
      .sentence {
        margin: 0;
        font-size: 1.25rem;
        line-height: 1.4;
        text-wrap: pretty;
      }
      .tools {
        margin: 1.25rem 0;
        align-items: start;
      }
      .sections {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
        margin-top: 1rem;
      }
      @media (min-width: 56rem) {
        .sections {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
        #limits,
        #features {
          grid-column: 1 / -1;
        }
      }
      summary {
        cursor: pointer;
      }
      summary h2 {
        display: inline;
      }
    `,
  ];
}
customElements.define("report-view", ReportView);

/** @param absence why there is no WebGPU here, which the verdict has said: a section could only repeat it. */
function isEmpty({ rows }: Section, absence: string | undefined): boolean {
  return (
    absence !== undefined && rows.every(({ reason }) => reason?.message === absence || reason?.code === "not-measured")
  );
}
