/**
 * The last word on what of a model's output becomes elements: DOMPurify with lists of what is allowed. The parser before
 * it makes nothing else, so what it takes out is a defect there; it is here because that may have one.
 */
import createDOMPurify, { type Config, type DOMPurify } from "dompurify";
import { ALLOWED_SCHEMES } from "./link-rules";

/** Of HTML. No forms, frames, images, media or templates, and no styles. */
export const ALLOWED_TAGS = (
  "a b bdi blockquote br code del div em h2 hr i ins kbd li mark ol p pre s small span strong sub sup table tbody td th " +
  "thead tr u ul"
).split(" ");
export const ALLOWED_ATTRIBUTES = "aria-label class href rel role start tabindex target title".split(" ");
/** What a class may be, so that no message can dress up as a part of the page. */
export const ALLOWED_CLASSES =
  /^(?:away|host|raw|task|mark|table|math|display|left|center|right|rank-[1-6]|language-[\w+#.-]{1,30})$/;

/** Of MathML Core, what shows a formula: no links, actions, embedded HTML or annotations. */
export const ALLOWED_MATH_TAGS = (
  "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub " +
  "msubsup msup mtable mtd mtext mtr munder munderover menclose none"
).split(" ");
export const ALLOWED_MATH_ATTRIBUTES = (
  "accent accentunder class columnspan depth display displaystyle fence form height largeop linethickness lspace " +
  "mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel separator stretchy symmetric voffset width"
).split(" ");
export const ALLOWED_MATH_CLASSES = /^(?:tml-[a-z0-9-]+|upstrike|downstrike|sout|mathcal|mathscr|line-[a-z]+)$/;

const SHARED = {
  ALLOW_ARIA_ATTR: false, // but for those in the list
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const satisfies Config;

const forText = withClasses(ALLOWED_CLASSES);
forText.addHook("afterSanitizeAttributes", (element) => {
  if (element.nodeName !== "A") return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer nofollow");
});
const forMath = withClasses(ALLOWED_MATH_CLASSES);

export function sanitiseText(html: string): DocumentFragment {
  return forText.sanitize(html, {
    ...SHARED,
    ALLOWED_TAGS,
    ALLOWED_ATTR: ALLOWED_ATTRIBUTES,
    ALLOWED_URI_REGEXP: ALLOWED_SCHEMES,
    ADD_URI_SAFE_ATTR: ALLOWED_ATTRIBUTES.filter((name) => name !== "href"), // or they would have to be addresses
    ALLOWED_NAMESPACES: ["http://www.w3.org/1999/xhtml"],
  });
}

/** Its `style` attributes become classes, as far as they are known: the page's policy refuses them. */
export function sanitiseMath(markup: string): DocumentFragment {
  return forMath.sanitize(markup, {
    ...SHARED,
    ALLOWED_TAGS: ALLOWED_MATH_TAGS,
    ALLOWED_ATTR: ALLOWED_MATH_ATTRIBUTES,
    ALLOWED_NAMESPACES: ["http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"],
  });
}

function withClasses(allowed: RegExp): DOMPurify {
  const purify = createDOMPurify(window);
  purify.addHook("uponSanitizeAttribute", (_element, data) => {
    if (data.attrName !== "class") return;
    data.attrValue = data.attrValue
      .split(/\s+/)
      .filter((name) => allowed.test(name))
      .join(" ");
    if (data.attrValue === "") data.keepAttr = false;
  });
  return purify;
}
