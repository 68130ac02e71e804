/** From TeX to MathML, by Temml: the browser draws it, so there are no fonts to fetch and no styles to allow. */
import temml from "temml";
import { sanitiseMath } from "./sanitise";

/** Longer formulas stay TeX. */
const MAX_TEX_LENGTH = 5_000;

/** @returns undefined for what is no formula, or one that asks for more than a message may: links, images, endless macros */
export function drawMath(tex: string, isDisplay: boolean): DocumentFragment | undefined {
  if (tex.length > MAX_TEX_LENGTH) return undefined;
  try {
    const markup = temml.renderToString(tex, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      strict: false,
      wrap: isDisplay ? "none" : "tex", // within a line it may break, like the line
      macros: {}, // its own for each: none outlives its formula
      maxExpand: 200,
      maxSize: [10, 10],
    });
    const drawn = sanitiseMath(withClassesForStyles(markup));
    return drawn.querySelector("math") === null ? undefined : drawn;
  } catch {
    return undefined; // what it throws depends on where in the formula it gives up, a stack overflow included
  }
}

/** What Temml says in styles, as far as a formula is hard to read without it. */
function withClassesForStyles(markup: string): string {
  return markup.replace(/<(m\w+)((?: [\w-]+="[^"<>]*")*)>/g, (whole, name: string, attributes: string) => {
    const style = / style="([^"]*)"/.exec(attributes)?.[1];
    if (style === undefined) return whole;
    const lines = ["left", "right", "top", "bottom"].filter((side) => style.includes(`border-${side}:`));
    if (/(?:^|;)border:/.test(style)) lines.push("box");
    const given = / class="([^"]*)"/.exec(attributes)?.[1] ?? "";
    const rest = attributes.replace(/ (?:style|class)="[^"]*"/g, "");
    return `<${name}${rest} class="${[given, ...lines.map((side) => `line-${side}`)].join(" ").trim()}">`;
  });
}
