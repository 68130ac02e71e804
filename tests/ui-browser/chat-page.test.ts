/** The chat's page beside a desk that says what the test has it say: keys, what is kept of what is not sent, ways on. */
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import { addMessage, newConversation } from "../../src/chat/conversation";
import { ChatHistory } from "../../src/chat/history";
import { STARTER_ID } from "../../src/shared/starter";
import { browserMemory } from "../../src/talk/memory";
import type { OpenTalk } from "../../src/talk/open-talk";
import { PresetShelf } from "../../src/talk/preset-shelf";
import { Shelf } from "../../src/talk/shelf";
import type { TalkParts } from "../../src/talk/talk";
import { ChatFiles } from "../../src/ui/chat-files";
import { ChatPage } from "../../src/ui/chat-page";
import { FakeDesk, talkWith } from "../talk/parts";
import { until } from "./helpers";

/** Of all there is in the page's shadows the first, or the one with this text. */
function find(selector: string, text = ""): HTMLElement {
  const found = findIn(selector, text, document);
  if (found === undefined) throw new Error(`There is no ${selector} ${text}`);
  return found;
}

function findIn(selector: string, text: string, root: ParentNode): HTMLElement | undefined {
  for (const each of root.querySelectorAll<HTMLElement>(selector)) if (each.textContent.includes(text)) return each;
  for (const { shadowRoot } of root.querySelectorAll("*")) {
    const found = shadowRoot === null ? undefined : findIn(selector, text, shadowRoot);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isThere = (selector: string, text = "") => findIn(selector, text, document) !== undefined;

const edited = () => find("textarea#edit") as HTMLTextAreaElement;

/** The page as it is after it was opened, or opened anew. */
async function openPage(desk = new FakeDesk(), more: Partial<TalkParts> = {}): Promise<OpenTalk> {
  const history = new ChatHistory({ onProblem: (problem) => expect(problem).toBeUndefined() });
  onTestFinished(() => history.close());
  const { talk } = talkWith(desk, { history, memory: browserMemory(), onSaved: () => shelf.refresh(), ...more });
  const shelf = new Shelf({ history, talk });
  const open = { talk, shelf, presets: new PresetShelf(history), desk } as unknown as OpenTalk;
  const shown = new ChatPage();
  shown.openTalk = () => Promise.resolve(open);
  document.body.replaceChildren(shown);
  await talk.whenOpened();
  await until(() => isThere("textarea#message"));
  return open;
}

const NOTES = { name: "notes.txt", text: "The keeper is called Ottilie." };
const MORE = { name: "more.txt", text: "More." };
/** Kept. What its page has of it beside the storage no other test's page has. */
let apples: string;

beforeEach(async () => {
  apples = crypto.randomUUID();
  sessionStorage.clear();
  localStorage.clear();
  await page.viewport(1280, 800);
  const history = new ChatHistory({ onProblem: () => undefined });
  await history.removeAll();
  await history.save({ ...addMessage(newConversation(), { content: "Apples" }), id: apples });
  await history.close();
});
afterEach(() => document.body.replaceChildren());

test("Escape in the list clears the search, ends a renaming, and stops no reply", async () => {
  const desk = new FakeDesk();
  desk.scripts.push(["Half", new Promise(() => undefined)]);
  const { talk, shelf } = await openPage(desk);
  void talk.send({ content: "Pears" });
  await until(() => talk.state.writing?.phase === "writing");
  const search = find("input[type=search]") as HTMLInputElement;
  search.focus();
  await userEvent.keyboard("apples");
  await until(() => shelf.state.found?.hits.length === 1);
  await userEvent.keyboard("{Escape}");
  expect(search.value).toBe("");
  expect(shelf.state.found).toBeUndefined();
  await userEvent.keyboard("{Escape}");
  expect(talk.state.writing).toBeDefined();

  await until(() => isThere(".open", "Apples"));
  find(".more").click();
  await until(() => isThere(".menu button"));
  find(".menu button", "Rename").click();
  await until(() => isThere(".rename button"));
  find(".rename button").focus();
  await userEvent.keyboard("{Escape}");
  await until(() => !isThere(".rename"));
  expect(talk.state.writing).toBeDefined();

  find("[role=log]").focus();
  await userEvent.keyboard("{Escape}");
  await until(() => talk.state.writing === undefined);
});

test("what an import left out is said", async () => {
  const { shelf } = await openPage();
  const said = (content_type: string, parts: unknown[]) => ({
    author: { role: "user" },
    content: { content_type, parts },
  });
  const mapping = {
    a: { message: said("text", ["Hello"]), parent: null, children: [] },
    b: {
      message: said("multimodal_text", [{ content_type: "image_asset_pointer" }, "This?"]),
      parent: "a",
      children: [],
    },
    c: { message: { author: { role: "tool" }, content: {} }, parent: "b", children: [] },
  };
  await shelf.importFile(new File([JSON.stringify([{ id: "c1", title: "Talk", mapping }])], "conversations.json"));
  await until(() => isThere(".sayings p", "imported"));
  expect(find(".sayings p").textContent.replace(/\s+/g, " ")).toContain(
    "1 conversation imported. Left out: 1 image or other file, 1 message of tools, the system or thoughts.",
  );
});

test("a text that is being edited, and files that are not sent, are there when the page comes back", async () => {
  browserMemory().keepFiles(apples, [NOTES]);
  const { talk } = await openPage();
  await talk.open(apples);
  await until(() => isThere("button.edit"));
  find("button.edit").click();
  await until(() => isThere("textarea#edit"));
  expect(edited().value).toBe("Apples");
  await userEvent.keyboard(" and pears");

  const desk = new FakeDesk();
  desk.scripts.push(["Yes."]);
  const { talk: again } = await openPage(desk);
  await until(() => isThere("button.edit"));
  await until(() => isThere("li", "notes.txt"));
  find("button.edit").click();
  await until(() => isThere("textarea#edit"));
  expect(edited().value).toBe("Apples and pears");
  await userEvent.keyboard("{Escape}");
  await until(() => isThere("button.edit"));
  find("button.edit").click();
  await until(() => isThere("textarea#edit"));
  expect(edited().value).toBe("Apples");
  await userEvent.keyboard(" are ripe{Enter}");
  await until(() => again.state.conversation.messages.size === 3 && again.state.writing === undefined);
  const [message] = [...again.state.conversation.messages.values()].filter(({ content }) => content === "Apples");
  expect(browserMemory().edit(apples, message?.id ?? "")).toBeUndefined();

  const files = find("chat-files");
  if (!(files instanceof ChatFiles)) throw new Error("There is nowhere to attach files.");
  await files.take([new File(["More."], "more.txt")]);
  expect(browserMemory().files(apples)).toEqual([NOTES, MORE]);

  // What was sent does not come back.
  find("textarea#message").focus();
  await userEvent.keyboard("Who?{Enter}");
  await until(() => !isThere("li", "notes.txt"));
  expect(browserMemory().files(apples)).toEqual([]);
  expect(browserMemory().draft(apples)).toBe("");
  expect(
    [...again.state.conversation.messages.values()].find(({ content }) => content === "Who?")?.attachments,
  ).toEqual([NOTES, MORE]);
});

test("an edited message that nothing could answer is offered again", async () => {
  const absence = { code: "no-adapter", message: "There is no GPU.", remedy: undefined } as const;
  const { talk } = await openPage(new FakeDesk(), { absence });
  await talk.open(apples);
  for (let times = 0; times < 2; times++) {
    await until(() => isThere("button.edit"));
    find("button.edit").click();
    await until(() => isThere("textarea#edit"));
    if (times === 0) await userEvent.keyboard(" and pears");
    expect(edited().value).toBe("Apples and pears");
    await userEvent.keyboard("{Enter}");
    await until(() => talk.state.problem !== undefined);
  }
});

test("where no model could be loaded there are ways on, and room for them on a phone", async () => {
  await page.viewport(320, 700);
  const desk = new FakeDesk();
  desk.broken.set(STARTER_ID, "The network is gone.");
  const { talk } = await openPage(desk);
  await until(() => talk.state.model.phase === "failed");
  await until(() => isThere(".ways a"));
  const links = [...find(".ways").querySelectorAll("a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["#/models", "#/check"]);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(320);
});
