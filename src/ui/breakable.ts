import { html } from "lit";

/** Lets a long camelCase or hyphenated name break before its capitals and after its hyphens. */
export function breakable(name: string) {
  if (name.includes(" ")) return name;
  return name.split(/(?=[A-Z])|(?<=-)/).map((part) => html`${part}<wbr />`);
}
