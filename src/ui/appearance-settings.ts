/** How the page looks and which language it speaks. Fires "reload" where the page has to be loaded anew for that. */
import { css, html, LitElement } from "lit";
import {
  isLanguage,
  LANGUAGES,
  loadPreferences,
  savePreferences,
  THEMES,
  type Language,
  type Preferences,
} from "../shared/preferences";
import { applyTheme } from "../shared/theme";
import { chooseLanguage, TAGS } from "./language";
import { language, messages, missingLanguage } from "./messages";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, fields, shared } from "./styles";

export class AppearanceSettings extends LitElement {
  static override properties = { preferences: { state: true }, problem: { state: true } };
  declare private preferences: Preferences;
  declare private problem: string;

  constructor() {
    super();
    this.preferences = loadPreferences(() => localStorage);
    this.problem = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("storage", this.#onStorage);
  }

  override disconnectedCallback(): void {
    removeEventListener("storage", this.#onStorage);
    super.disconnectedCallback();
  }

  /** Another tab changed it. */
  readonly #onStorage = (): void => {
    this.preferences = loadPreferences(() => localStorage);
  };

  protected override render() {
    const { theme, language: chosen } = this.preferences;
    const automatic = LANGUAGES[chooseLanguage("auto", navigator.languages)];
    return html`<form action=${QUIET_FORM_ACTION} @submit=${(event: Event) => event.preventDefault()}>
      <div class="fields">
        <div>
          <label for="theme">${messages.settingsTheme}</label>
          <select id="theme" .value=${theme} @change=${this.#setTheme}>
            ${THEMES.map(
              (each) =>
                html`<option value=${each} ?selected=${each === theme}>${messages.settingsThemes[each]}</option>`,
            )}
          </select>
        </div>
        <div>
          <label for="language">${messages.settingsLanguage}</label>
          <select id="language" .value=${chosen} aria-describedby="language-hint" @change=${this.#setLanguage}>
            <option value="auto" ?selected=${chosen === "auto"}>${messages.settingsLanguageAuto(automatic)}</option>
            ${languages.map(
              (each) =>
                html`<option value=${each} lang=${TAGS[each]} ?selected=${each === chosen}>${LANGUAGES[each]}</option>`,
            )}
          </select>
        </div>
      </div>
      <p id="language-hint" class="small soft">${messages.settingsLanguageHint}</p>
      ${
        missingLanguage === undefined
          ? ""
          : html`<p class="small">${messages.settingsLanguageFailed(LANGUAGES[missingLanguage])}</p>`
      }
      <p class="error small" role="alert">${this.problem}</p>
    </form>`;
  }

  readonly #setTheme = ({ target }: Event): void => {
    const { value } = target as HTMLSelectElement;
    const theme = THEMES.find((each) => each === value) ?? "system";
    applyTheme(document, theme);
    this.#change({ theme });
  };

  readonly #setLanguage = ({ target }: Event): void => {
    const { value } = target as HTMLSelectElement;
    const chosen = isLanguage(value) ? value : "auto";
    if (!this.#change({ language: chosen })) return;
    if (chooseLanguage(chosen, navigator.languages) !== language)
      this.dispatchEvent(new Event("reload", { bubbles: true, composed: true }));
  };

  /** Changes what is stored: another tab may have changed the rest since this page read it. @returns whether it is. */
  #change(change: Partial<Preferences>): boolean {
    this.problem = "";
    this.preferences = { ...loadPreferences(() => localStorage), ...change };
    try {
      savePreferences(() => localStorage, this.preferences);
      return true;
    } catch {
      this.problem = messages.settingsNotSaved;
      return false;
    }
  }

  static override styles = [
    shared,
    controls,
    fields,
    css`
      p.error:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("appearance-settings", AppearanceSettings);

const languages = Object.keys(LANGUAGES) as readonly Language[];
