/** `#/models`: what runs here, what is kept, what it takes. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { DeskState, ModelEntry } from "../desk/entries";
import { STATES } from "../fit/verdict";
import "./add-model";
import "./desk-settings";
import "./disk-use";
import { messages } from "./messages";
import { sayCatalogued, sayProblem } from "./said";
import "./model-card";
import "./on-gpu";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, fields, shared } from "./styles";

/** The ladder that people know from desktop runners. */
const SIZES = ["own", "small", "middle", "large"] as const;

interface Filter {
  readonly text: string;
  /** A state, "kept", or "" for all. */
  readonly state: string;
  readonly family: string;
  /** A rung of the ladder, or "" for all. */
  readonly size: string;
}

export class ModelsPage extends LitElement {
  static override properties = {
    openDesk: { attribute: false },
    desk: { state: true },
    state: { state: true },
    filter: { state: true },
    problem: { state: true },
  };
  declare openDesk: (() => Promise<ModelDesk>) | undefined;
  declare private desk: ModelDesk | undefined;
  declare private state: DeskState | undefined;
  declare private filter: Filter;
  declare private problem: string;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.filter = { text: "", state: "", family: "", size: "" };
    this.problem = "";
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("openDesk") || this.openDesk === undefined) return;
    this.openDesk().then(
      (opened) => this.#watch(opened),
      // The next visit of this page tries again.
      (thrown: unknown) => (this.problem = messages.modelsOpenFailed(sayProblem(thrown))),
    );
  }

  override disconnectedCallback(): void {
    this.#unsubscribe();
    super.disconnectedCallback();
  }

  #watch(opened: ModelDesk): void {
    if (!this.isConnected) return;
    this.desk = opened;
    this.state = opened.state;
    this.#unsubscribe = opened.subscribe(() => (this.state = opened.state));
    void opened.refresh().catch((thrown: unknown) => (this.problem = sayProblem(thrown)));
  }

  protected override render() {
    const { state, desk } = this;
    return html`
      <h1>${messages.modelsTitle}</h1>
      <p>${messages.modelsIntro}</p>
      <p class="error" role="alert">${this.problem}</p>
      ${
        state === undefined || desk === undefined
          ? this.problem === ""
            ? html`<p role="status">${messages.modelsOpening}</p>`
            : nothing
          : html`<on-gpu .desk=${desk} .state=${state}></on-gpu>
              ${this.#renderRecommendation(state, desk)}
              <desk-settings .desk=${desk} .state=${state}></desk-settings>
              ${this.#renderFilters(state)} ${this.#renderList(state, desk)} <add-model .desk=${desk}></add-model>
              <disk-use .desk=${desk} .usage=${state.usage}></disk-use>`
      }
    `;
  }

  #renderRecommendation({ recommendation, entries, budget }: DeskState, desk: ModelDesk) {
    const entry = entries.find(({ id }) => id === recommendation?.verdict.model.id);
    return html`<section class="sheet" aria-labelledby="recommended">
      <h2 id="recommended">${messages.modelsRecommended}</h2>
      ${
        recommendation === undefined || entry === undefined
          ? html`<p>${budget.source === "stated" ? messages.modelsNothingFits : messages.modelsNothingRuns}</p>`
          : html`${recommendation.reasons.map((reason) => html`<p>${reason}</p>`)}
              <model-card .desk=${desk} .entry=${entry} .isNext=${true}></model-card>`
      }
    </section>`;
  }

  #renderFilters({ entries }: DeskState) {
    const families = [...new Set(entries.flatMap(({ verdict }) => verdict?.model.family ?? []))];
    const { filter } = this;
    const set = (part: Partial<Filter>) => (this.filter = { ...filter, ...part });
    const option = (value: string, text: string, chosen: string) =>
      html`<option value=${value} ?selected=${value === chosen}>${text}</option>`;
    return html`<form class="fields" action=${QUIET_FORM_ACTION} @submit=${(event: Event) => event.preventDefault()}>
      <div>
        <label for="search">${messages.modelsSearch}</label>
        <input
          id="search"
          type="search"
          spellcheck="false"
          .value=${filter.text}
          @input=${(event: Event) => set({ text: valueOf(event) })}
        />
      </div>
      <div>
        <label for="verdict">${messages.modelsVerdict}</label>
        <select id="verdict" @change=${(event: Event) => set({ state: valueOf(event) })}>
          ${option("", messages.modelsAny, filter.state)} ${option("kept", messages.modelsKeptOnly, filter.state)}
          ${STATES.map((state) => option(state, messages.modelsStates[state], filter.state))}
        </select>
      </div>
      <div>
        <label for="family">${messages.modelsFamily}</label>
        <select id="family" @change=${(event: Event) => set({ family: valueOf(event) })}>
          ${option("", messages.modelsAny, filter.family)}
          ${families.map((family) => option(family, family, filter.family))}
        </select>
      </div>
      <div>
        <label for="size">${messages.modelsSize}</label>
        <select id="size" @change=${(event: Event) => set({ size: valueOf(event) })}>
          ${option("", messages.modelsAny, filter.size)}
          ${SIZES.map((size) => option(size, messages.modelsSizes[size], filter.size))}
        </select>
      </div>
    </form>`;
  }

  #renderList({ entries }: DeskState, desk: ModelDesk) {
    const shown = entries.filter((entry) => matches(entry, this.filter));
    const groups = SIZES.map((size) => ({ size, entries: shown.filter((entry) => sizeOf(entry) === size) }));
    return html`<p id="found" tabindex="-1" role="status" class="small soft">${messages.modelsFound(shown.length)}</p>
      ${groups
        .filter((group) => group.entries.length > 0)
        .map(
          (group) =>
            html`<section class="sheet" aria-labelledby=${group.size}>
              <h2 id=${group.size}>${messages.modelsSizes[group.size]}</h2>
              ${group.entries.map((entry) => html`<model-card .desk=${desk} .entry=${entry}></model-card>`)}
              ${group.size === "large" ? html`<p class="small soft">${messages.modelsLarger}</p>` : nothing}
            </section>`,
        )}`;
  }

  static override styles = [
    shared,
    controls,
    fields,
    css`
      .sheet {
        margin-top: 1rem;
      }
      model-card {
        margin-top: 0.75rem;
      }
      p.error:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("models-page", ModelsPage);

function valueOf({ target }: Event): string {
  return (target as HTMLInputElement | HTMLSelectElement).value;
}

function matches(entry: ModelEntry, { text, state, family, size }: Filter): boolean {
  const { name, verdict, judged, kept, begun } = entry;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const model = verdict?.model;
  const all = [
    name,
    model?.family,
    sayCatalogued(model?.description ?? ""),
    model?.licence.name,
    ...(model?.strengths ?? []),
  ]
    .join(" ")
    .toLowerCase();
  const isHere = kept !== undefined || begun !== undefined;
  return (
    words.every((word) => all.includes(word)) &&
    (family === "" || model?.family === family) &&
    (size === "" || sizeOf(entry) === size) &&
    (state === "" || (state === "kept" ? isHere : judged?.state === state))
  );
}

function sizeOf({ verdict }: ModelEntry): (typeof SIZES)[number] {
  if (verdict === undefined) return "own";
  const billions = verdict.model.parameters / 1e9;
  return billions < 5 ? "small" : billions < 20 ? "middle" : "large";
}
