/** What an import left out, as each language says it. */
import { expect, it } from "vitest";
import { chatWords as de } from "../../src/ui/messages/de-chat";
import { chatWords as en } from "../../src/ui/messages/en-chat";
import { chatWords as zh } from "../../src/ui/messages/zh-chat";

it("tells what was, and nothing of what was not", () => {
  expect(en.chatLeftOut(12, 3, 0, 1)).toBe(
    "Left out: 12 images or other files, 3 messages of tools, the system or thoughts, 1 part that made no sense.",
  );
  expect(en.chatLeftOut(1, 0, 1, 0)).toBe("Left out: 1 image or other file, 1 message without text.");
  expect(de.chatLeftOut(1, 1, 0, 2)).toBe(
    "Ausgelassen: 1 Bild oder andere Datei, 1 Nachricht von Werkzeugen, vom System oder aus Gedanken, 2 Teile ohne erkennbaren Sinn.",
  );
  expect(zh.chatLeftOut(0, 0, 5, 1)).toBe("未导入：5 条没有文字的消息，1 处无法识别的内容。");
});
