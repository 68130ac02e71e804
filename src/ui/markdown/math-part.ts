/** A formula in the page: its TeX until Temml is there, or where it stays away or refuses. */
import { Lazy } from "./lazy";

/** Within a line, what is longer may be wider than a phone even where it breaks. */
const LONG_TEX_LENGTH = 60;

const library = new Lazy(() => import("./math"));

export class MathPart {
  readonly node = document.createElement("span");
  readonly #tex: string;
  readonly #isDisplay: boolean;

  static from(element: Element): MathPart | undefined {
    if (element.nodeName !== "CODE" || !element.classList.contains("math")) return undefined;
    return new MathPart(element.textContent, element.classList.contains("display"));
  }

  private constructor(tex: string, isDisplay: boolean) {
    this.#tex = tex;
    this.#isDisplay = isDisplay;
    const scrolls = isDisplay || tex.length > LONG_TEX_LENGTH;
    this.node.className = `math${isDisplay ? " display" : ""}${scrolls ? " scrolls" : ""}`;
    if (scrolls) this.node.tabIndex = 0; // so that it can be scrolled by the keyboard
    this.#draw();
    if (library.value === undefined) void library.get().then(() => this.#draw());
  }

  accept(fresh: Node): boolean {
    if (!(fresh instanceof Element)) return false;
    const { classList, nodeName, textContent } = fresh;
    return (
      nodeName === "CODE" &&
      classList.contains("math") &&
      textContent === this.#tex &&
      classList.contains("display") === this.#isDisplay
    );
  }

  #draw(): void {
    const drawn = library.value?.drawMath(this.#tex, this.#isDisplay);
    if (drawn !== undefined) {
      this.node.replaceChildren(drawn);
      return;
    }
    const code = document.createElement("code");
    code.textContent = this.#tex;
    this.node.replaceChildren(code);
  }
}
