/** Where this GPU's memory bandwidth lies among devices people know: a dot a device, on a logarithmic line. */
import { css, html, LitElement, svg } from "lit";
import { KNOWN_BANDWIDTHS } from "../probe/known-bandwidths";
import type { Measurement } from "../probe/report";
import { formatNumber } from "../shared/units";
import { messages } from "./messages";
import { shared } from "./styles";

/** GB/s at the two ends of the line. */
const [FLOOR, CEILING] = [0.1, 10_000];
const DECADES = [FLOOR, 1, 10, 100, 1000, CEILING];

export class BandwidthChart extends LitElement {
  static override properties = { bandwidth: { attribute: false }, own: { type: Boolean } };
  declare bandwidth: Measurement;
  declare own: boolean;

  protected override render() {
    const here = this.own ? messages.chartHere : messages.chartThere;
    const { median } = this.bandwidth;
    const devices = [
      ...KNOWN_BANDWIDTHS.map(({ name, gigabytesPerSecond: rate }) => ({ name, rate, measured: false })),
      { name: here, rate: median, measured: true },
    ].sort((a, b) => b.rate - a.rate);
    return html`<figure class="sheet">
      <h2>${messages.chartTitle}</h2>
      <ol>
        ${devices.map(
          ({ name, rate, measured }) =>
            html`<li class=${measured ? "here" : ""}>
              <span class="name">${name}</span>
              ${this.#renderLine(rate, measured)}
              <span class="rate">${formatNumber(rate)} GB/s</span>
            </li>`,
        )}
        <li class="axis" aria-hidden="true">
          <span></span>
          <svg>
            ${DECADES.map((decade) => svg`<text x=${place(decade)} y="1em">${decade < 1000 ? decade : `${decade / 1000}k`}</text>`)}
          </svg>
          <span class="rate">GB/s</span>
        </li>
      </ol>
      <p>${messages.chartMeaning(formatNumber(median < 10 ? median : Math.round(median)))}</p>
      <figcaption class="small soft">${messages.chartCaption}</figcaption>
    </figure>`;
  }

  #renderLine(rate: number, measured: boolean) {
    const { lowerQuartile, upperQuartile } = this.bandwidth;
    return html`<svg aria-hidden="true">
      ${DECADES.map((decade) => svg`<line class="grid" x1=${place(decade)} x2=${place(decade)} y1="0" y2="100%" />`)}
      ${measured ? svg`<line class="spread" x1=${place(lowerQuartile)} x2=${place(upperQuartile)} y1="50%" y2="50%" />` : ""}
      <circle cx=${place(rate)} cy="50%" r=${measured ? 6 : 4} />
    </svg>`;
  }

  static override styles = [
    shared,
    css`
      figure {
        margin: 0;
      }
      ol {
        list-style: none;
        margin: 0.5rem 0 0;
        padding: 0;
      }
      li {
        display: grid;
        grid-template-columns: minmax(7rem, 11rem) minmax(3rem, 1fr) 6.5rem;
        gap: 0.5rem;
        align-items: stretch;
        line-height: 1.7rem;
        color: var(--ink-soft);
      }
      @media (max-width: 32rem) {
        li {
          grid-template-columns: 1fr auto;
        }
        li svg {
          grid-area: 2 / 1 / 3 / 3;
          height: 1rem;
        }
        .axis > span {
          display: none;
        }
        .axis text:last-of-type {
          text-anchor: end;
        }
        .axis text:first-of-type {
          text-anchor: start;
        }
      }
      .here {
        color: var(--ember);
        font-weight: 600;
      }
      .rate {
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      svg {
        width: 100%;
        height: 1.7rem;
        overflow: visible;
      }
      circle {
        fill: currentColor;
      }
      .grid {
        stroke: var(--rule);
      }
      .axis {
        font-size: 0.75rem;
      }
      .axis text {
        fill: currentColor;
        text-anchor: middle;
      }
      .spread {
        stroke: currentColor;
        stroke-width: 2;
      }
    `,
  ];
}
customElements.define("bandwidth-chart", BandwidthChart);

/** A rate's place along the line, as SVG wants it: "42%". */
function place(rate: number): string {
  const clamped = Math.min(CEILING, Math.max(FLOOR, rate));
  return `${(100 * Math.log(clamped / FLOOR)) / Math.log(CEILING / FLOOR)}%`;
}
