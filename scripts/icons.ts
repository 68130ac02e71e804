/** Draws the icons' PNGs from icon.svg: `npx tsx scripts/icons.ts`, after the drawing changed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { canSandbox, ensureBrowser } from "./browser";

const FOLDER = fileURLToPath(new URL("../public/icons/", import.meta.url));
const PAPER = "#f6f2ea";

/** `scale`: the flame's height as a share of the icon's. A maskable icon may lose all outside its inner 80 %. */
const ICONS = [
  { name: "icon-192.png", size: 192, scale: 0.8, background: PAPER, round: 0.2 },
  { name: "icon-512.png", size: 512, scale: 0.8, background: PAPER, round: 0.2 },
  { name: "maskable-512.png", size: 512, scale: 0.58, background: PAPER, round: 0 },
];

const drawing = readFileSync(`${FOLDER}icon.svg`, "utf8");
const browser = await chromium.launch({
  executablePath: ensureBrowser((line) => console.error(line)),
  chromiumSandbox: canSandbox,
});
for (const { name, size, scale, background, round } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>
    body { margin: 0 }
    div { width: ${size}px; height: ${size}px; border-radius: ${size * round}px; background: ${background};
          display: grid; place-content: center }
    svg { width: ${size * scale}px; height: ${size * scale}px; display: block }
  </style><div>${drawing}</div>`);
  await page.screenshot({ path: FOLDER + name, omitBackground: true });
  await page.close();
}
await browser.close();
