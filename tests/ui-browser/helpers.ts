/** What the tests of drawn messages share. */
import { MessageText } from "../../src/ui/markdown/message-text";
import { Drawing } from "../../src/ui/markdown/drawing";
import { messages } from "../../src/ui/messages";

/** Code and formulas are drawn by libraries that come when they are needed: here before the tests look. */
export async function loadLibraries(): Promise<void> {
  const { root, drawing } = newDrawing();
  document.body.append(root);
  draw(drawing, "$x$\n\n```js\nlet x;\n```\n");
  await until(() => root.querySelector("math") !== null && root.querySelector(".t-keyword") !== null);
  root.remove();
}

export function newDrawing(): { root: HTMLElement; drawing: Drawing } {
  const root = document.createElement("div");
  return { root, drawing: new Drawing(root, messages.markdown) };
}

export function draw(drawing: Drawing, text: string, isStreaming = false): void {
  drawing.update(text, isStreaming);
  drawing.draw(() => false);
}

/** A text given in these pieces, then said to be whole. */
export function drawPieces(pieces: readonly string[]): HTMLElement {
  const { root, drawing } = newDrawing();
  let text = "";
  for (const piece of pieces) draw(drawing, (text += piece), true);
  draw(drawing, text);
  return root;
}

/** In the page, with the library there and all of the text drawn. */
export async function showMessage(text: string): Promise<MessageText> {
  const message = new MessageText();
  message.text = text;
  document.body.append(message);
  await until(() => isDrawn(message));
  return message;
}

export function isDrawn(message: MessageText): boolean {
  const root = message.renderRoot;
  return root.querySelector(".plain") === null && root.querySelector(".blocks")?.hasChildNodes() === true;
}

export async function until(isTrue: () => boolean): Promise<void> {
  for (let frames = 0; !isTrue(); frames++) {
    if (frames > 600) throw new Error("It did not come about within 600 frames.");
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

export function chunksOf(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}
