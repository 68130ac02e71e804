import { afterEach, beforeAll, expect, test } from "vitest";
import { commands } from "vitest/browser";
import { sanitiseMath, sanitiseText } from "../../src/ui/markdown/sanitise";
import { hostileSamples } from "../fixtures/hostile-markdown";
import { chunksOf, drawPieces, loadLibraries, showMessage } from "./helpers";

/** Written down apart from the sanitiser's own list: what widens that one has to be said here too. */
const ELEMENTS = new Set(
  (
    "a b bdi blockquote br button code del div em figcaption figure h2 hr i ins kbd li mark ol p pre s small span strong " +
    "sub sup table tbody td th thead tr u ul " +
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub " +
    "msubsup msup mtable mtd mtext mtr munder munderover menclose none"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "aria-label class dir href rel role start tabindex target title type " +
    "accent accentunder columnspan depth display displaystyle fence form height largeop linethickness lspace mathvariant " +
    "maxsize minsize movablelimits notation rowspan rspace scriptlevel separator stretchy symmetric voffset width"
  ).split(" "),
);

const CONTROL = "https://hostile.invalid/control.png";
let executions = 0;
/** Held, or a sample that takes the name away would hide what the others do. */
const page = globalThis as unknown as { pwned: () => void };

beforeAll(async () => {
  page.pwned = () => executions++;
  await loadLibraries();
  await commands.takeRequests();
});

afterEach(() => document.body.replaceChildren());

test("the traps spring: a script that runs and a request that starts are seen", async () => {
  expect(await seenUpToNow()).toEqual({ executions: 1, requests: [CONTROL] });
});

test("no hostile sample runs, asks, or becomes an element or attribute that is not allowed", async () => {
  expect(new Set(hostileSamples).size).toBeGreaterThanOrEqual(200);
  const faults: string[] = [];
  for (const sample of hostileSamples) {
    const message = await showMessage(`Before.\n\n${sample}\n\nAfter.`);
    const streamed = drawPieces(chunksOf(sample, sample.length > 1_000 ? 1_000 : 5));
    document.body.append(streamed);
    for (const root of [message.renderRoot.querySelector(".blocks"), streamed]) {
      faults.push(...faultsIn(root).map((fault) => `${fault} from ${sample.slice(0, 100)}`));
    }
    // Nothing of the message is lost: what is no Markdown stands there as text.
    if (!message.renderRoot.textContent.includes("After.")) faults.push(`Lost: ${sample.slice(0, 100)}`);
    await new Promise((resolve) => setTimeout(resolve)); // what a load or an error would run
    message.remove();
    streamed.remove();
  }
  expect(faults).toEqual([]);
  expect(await seenUpToNow()).toEqual({ executions: 1, requests: [CONTROL] });
}, 240_000);

test("the sanitiser alone, without the parser before it, lets nothing through either", async () => {
  const faults: string[] = [];
  for (const sample of hostileSamples) {
    for (const sanitise of [sanitiseText, sanitiseMath]) {
      const holder = document.createElement("div");
      holder.append(sanitise(sample), sanitise(`<math><mtext>${sample}</mtext></math>`));
      document.body.append(holder);
      faults.push(...faultsIn(holder).map((fault) => `${fault} from ${sample.slice(0, 100)}`));
      await new Promise((resolve) => setTimeout(resolve));
      holder.remove();
    }
  }
  expect(faults).toEqual([]);
  expect(await seenUpToNow()).toEqual({ executions: 1, requests: [CONTROL] });
}, 120_000);

test("tags that are not allowed are shown, and those that format count", async () => {
  const message = await showMessage(
    "Use <input type=text>, H<sub>2</sub>O, a<br>b, <b>open, </i>closed, <b onclick=x>.",
  );
  const paragraph = message.renderRoot.querySelector(".blocks p");
  expect(paragraph?.innerHTML).toBe(
    "Use &lt;input type=text&gt;, H<sub>2</sub>O, a<br>b, &lt;b&gt;open, &lt;/i&gt;closed, &lt;b onclick=x&gt;.",
  );
});

test("a link says where it goes and leaves the page behind", async () => {
  const message = await showMessage(
    "[click](https://user@example.com.hostile.invalid/a?b) ![cat](https://example.com/c.png)",
  );
  const [link, image] = message.renderRoot.querySelectorAll("a");
  expect(link?.target).toBe("_blank");
  expect(link?.rel).toBe("noopener noreferrer nofollow");
  expect(link?.title).toContain("https://user@example.com.hostile.invalid/a?b");
  expect(link?.querySelector(".host")?.textContent).toBe("example.com.hostile.invalid");
  expect(image?.textContent).toBe("Image: cat example.com");
  expect(image?.href).toBe("https://example.com/c.png");
});

/**
 * What ran and was asked for. The browser tells of requests in their order, so once it told of one that is made here, it
 * told of all before; and the script that runs here runs after those before.
 */
async function seenUpToNow(): Promise<{ executions: number; requests: string[] }> {
  document.body.innerHTML = `<img src="${CONTROL}" onerror="pwned()">`;
  const requests: string[] = [];
  await expect
    .poll(
      async () => {
        requests.push(...(await commands.takeRequests()));
        return requests.includes(CONTROL) && executions > 0;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  const seen = { executions, requests: requests.filter((url) => url.includes("hostile")) };
  executions = 0;
  return seen;
}

function faultsIn(root: Element | null): string[] {
  if (root === null) return ["no blocks"];
  const faults: string[] = [];
  for (const element of root.querySelectorAll("*")) {
    const name = element.localName;
    if (!ELEMENTS.has(name)) faults.push(`<${name}>`);
    for (const { name: attribute, value } of element.attributes) {
      if (!ATTRIBUTES.has(attribute)) faults.push(`${name}[${attribute}]`);
      if (attribute === "href" && !/^(?:https?:\/\/|mailto:)/.test(value)) faults.push(`a[href=${value}]`);
      if (attribute === "href" && name !== "a") faults.push(`${name}[href]`);
    }
    if (name === "button" && element.className !== "copy") faults.push("a button that is not ours");
    if (/\b(?:primary|sheet|visually-hidden)\b/.test(element.className) && element.role !== "status") {
      faults.push(`${name}.${element.className}`);
    }
  }
  return faults;
}
