/** What can be done with a report: copy, download, a link, and comparing; and what hostile links and files do. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { packReport } from "../../src/probe/share-link";
import type { CapabilityReport } from "../../src/probe/report";
import { expect, openCheck, reportOf, test } from "../helpers/test";

const FIXTURES = join(import.meta.dirname, "../fixtures/reports");

async function fixtureReport(name: string): Promise<CapabilityReport> {
  const text = await readFile(join(FIXTURES, `${name}.json`), "utf8");
  return (JSON.parse(text) as { report: CapabilityReport }).report;
}

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
});

test("Copy JSON and Download JSON give the report as it is", async ({ page, site }) => {
  await openCheck(page, site);
  const report = await reportOf(page);
  await page.getByRole("button", { name: "Copy JSON" }).click();
  await expect(page.getByText("The report is on the clipboard.")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied)).toEqual(report);

  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download JSON" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`ingle-report-${report.createdAt.slice(0, 10)}.json`);
  expect(JSON.parse(await readFile(await download.path(), "utf8"))).toEqual(report);
});

test("a link carries the report to whoever opens it, read-only, and sends nothing to the server", async ({
  page,
  site,
  context,
  network,
}) => {
  await openCheck(page, site);
  await reportOf(page, { measure: true });
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("A link is on the clipboard.")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#/check?report=1.");
  expect(link.length).toBeLessThan(8000); // chat programs and mail carry it

  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByRole("heading", { name: "A report from elsewhere" })).toBeVisible();
  await expect(other.getByTestId("verdict")).toHaveText(await page.getByTestId("verdict").innerText());
  await expect(other.getByRole("button", { name: /Measure/ })).toHaveCount(0);
  await expect(other.locator("#limits")).toContainText("maxStorageBufferBindingSize");
  const payload = link.split("report=")[1] ?? "";
  expect(payload.length).toBeGreaterThan(500);
  expect(network.addresses.length).toBeGreaterThan(0);
  expect(network.addresses.filter((address) => address.includes(payload.slice(2, 40)))).toEqual([]);
  await other.getByRole("link", { name: "Check this device instead" }).click();
  await expect(other.getByRole("heading", { name: "What WebGPU can do here" })).toBeVisible();
});

const bomb = `1.${deflateSync(Buffer.alloc(20_000_000, " ")).toString("base64url")}`;
const pack = (json: string): string => `1.${deflateSync(json).toString("base64url")}`;
const HOSTILE_LINKS: readonly { name: string; payload: string; says: RegExp }[] = [
  { name: "cut short", payload: "1.7VbbbuM2EP0VgS8", says: /part of it is missing or changed/ },
  { name: "not base64", payload: "1.%%%<script>alert(1)</script>", says: /part of it is missing or changed/ },
  { name: "empty", payload: "", says: /does not carry a report/ },
  { name: "from a newer Ingle", payload: "2.abcd", says: /made by a newer Ingle/ },
  { name: "a bomb", payload: bomb, says: /unpacks to more than any report holds/ },
  { name: "far too long", payload: `1.${"A".repeat(70_000)}`, says: /longer than any report/ },
  { name: "not JSON", payload: pack("<svg onload=alert(1)>"), says: /what it carries is not a report/ },
  {
    name: "other JSON",
    payload: pack(`{"__proto__":{"kind":"x"},"a":1}`),
    says: /not a capability report made by Ingle/,
  },
  {
    name: "a report with holes",
    payload: pack(`{"kind":"ingle-capability-report","version":1,"createdAt":"2026-01-01T00:00:00.000Z"}`),
    says: /browser is not as it should be/,
  },
];
for (const { name, payload, says } of HOSTILE_LINKS) {
  test(`a link that is ${name} gets a clear error`, async ({ page, site }) => {
    await page.goto(`${site}#/check?report=${payload}`);
    await expect(page.getByRole("alert")).toHaveText(says);
    await expect(page.getByRole("link", { name: "Check this device instead" })).toBeVisible();
  });
}

test("markup in a shared report stays text", async ({ page, site }) => {
  await openCheck(page, site);
  const report = await reportOf(page);
  const markup = `<img src=x onerror="document.title='owned'"><b>bold</b>`;
  const hostile = { ...report, webgpu: { reason: { code: "failed", message: markup } } };
  await page.goto("about:blank");
  await page.goto(`${site}#/check?report=${await packReport(hostile)}`);
  await expect(page.getByTestId("verdict")).toContainText(markup);
  expect(await page.title()).not.toContain("owned");
});

test("Compare by pasting JSON, pasting a link, and opening a file", async ({ page, site, temporaryFolder }) => {
  const other = await fixtureReport("nvidia-rtx4060-chrome151-windows");
  await openCheck(page, site);
  const heading = page.getByRole("heading", { name: "Compared" });
  const bindingSize = page.locator("compare-view").getByRole("row", { name: /^maxStorageBufferBindingSize/ });

  const byPasting = async (text: string): Promise<void> => {
    await page.getByRole("button", { name: "Compare…" }).click();
    await page.getByLabel("Report or link").fill(text);
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await expect(heading).toBeVisible();
    await expect(bindingSize).toContainText("1 GiB");
    await expect(bindingSize).toContainText("× as much");
    await page.getByRole("button", { name: "End comparison" }).click();
    await expect(heading).toHaveCount(0);
  };
  await byPasting(JSON.stringify(other));
  await byPasting(`${site}#/check?report=${await packReport(other)}`);

  const file = join(temporaryFolder, "other.json");
  await writeFile(file, JSON.stringify(other, null, 2));
  await page.getByRole("button", { name: "Compare…" }).click();
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open a file…" }).click();
  await (await choosing).setFiles(file);
  await expect(heading).toBeVisible();
  await expect(page.locator("compare-view")).toContainText("shader-f16");
  await page.getByLabel("Show what is the same, too").check();
  await expect(page.locator("compare-view").getByRole("row", { name: /^maxBindGroups / })).toContainText("the same");
});

test("what can't be compared is refused with its reason, and the dialog stays", async ({
  page,
  site,
  temporaryFolder,
}) => {
  await openCheck(page, site);
  await page.getByRole("button", { name: "Compare…" }).click();
  const alert = page.locator("compare-dialog").getByRole("alert");
  const refused: readonly [string, RegExp][] = [
    ["", /Paste a report or a link/],
    ["hello", /not JSON/],
    ["[1,2]", /not a capability report/],
    [`${site}#/check?report=1.zzzz`, /missing or changed/],
  ];
  for (const [text, says] of refused) {
    await page.getByLabel("Report or link").fill(text);
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await expect(alert).toHaveText(says);
  }
  const large = join(temporaryFolder, "large.json");
  await writeFile(large, " ".repeat(2_000_000));
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open a file…" }).click();
  await (await choosing).setFiles(large);
  await expect(alert).toHaveText(/far larger than any report/);
});

test("a double click opens one dialog, and does not stop what it started to measure", async ({ page, site }) => {
  await openCheck(page, site);
  await page.getByRole("button", { name: "Compare…" }).dblclick();
  await expect(page.getByLabel("Report or link")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(page.getByLabel("Report or link")).toHaveCount(0);
  await page.getByRole("button", { name: "Measure speed" }).dblclick();
  await expect(page.getByText("Measured.", { exact: true })).toBeVisible({ timeout: 30_000 });
});
