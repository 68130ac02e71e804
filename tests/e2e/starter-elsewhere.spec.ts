/** A page built with VITE_STARTER_FROM: the starter comes from another host, held to its sum, and only when it may. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { STARTER_FOLDER } from "../../scripts/starter/folder";
import { ModelPage } from "../../scripts/engine/model-page";
import { STARTER, STARTER_SAMPLING } from "../../src/shared/starter";
import { formatBytes } from "../../src/shared/units";
import { saveData } from "../helpers/chat-page";
import { startChunkHost } from "../helpers/chunk-host";
import { refused } from "../helpers/refused";
import { startStaticHost } from "../helpers/static-host";
import { expect, test } from "../helpers/test";

test("the starter comes from the host that the build names: nothing unasked, nothing wrong", async ({
  page: tab,
  temporaryFolder,
}) => {
  test.setTimeout(300_000);
  const content = await readFile(join(STARTER_FOLDER, STARTER.file));
  const wrong = Buffer.from(content);
  wrong.writeUInt8(wrong.readUInt8(60_000_000) ^ 1, 60_000_000);
  const host = await startChunkHost(content);
  const place = new URL(host.url).host;
  const folder = join(temporaryFolder, "site");
  await build(folder, host.url);
  expect(await readdir(join(folder, "starter"))).toEqual(["manifest.json"]);
  const site = await startStaticHost(folder, "/sub/path/");
  try {
    // Data is saved: the host is named, and not asked.
    await saveData(tab);
    await tab.goto(`${site.url}#/network`);
    await expect(tab.getByText(`it comes on the first visit, from http://${place}`)).toBeVisible();
    await tab.goto(site.url);
    const status = tab.getByRole("status", { name: "Model", exact: true });
    await expect(status).toContainText(
      `${STARTER.name} (${formatBytes(STARTER.bytes)}, from ${place}) is fetched only when you say so.`,
    );
    expect(host.asked).toEqual([]);

    // The host does not have it: a sentence, and a button to try again.
    host.faults = Array.from({ length: 6 }, () => ({ kind: "status", status: 404 }));
    await tab.getByRole("button", { name: `Get ${STARTER.name}` }).click();
    await expect(status).toHaveText(/could not be loaded: .*the server answered 404/);
    await expect(status).toContainText(`It comes from ${place}: try again, or get another one on the Models page.`);

    // It has another file: not used, neither kept nor loaded past the store.
    host.faults = [{ kind: "replaced", by: wrong }];
    await tab.getByRole("button", { name: "Try again" }).click();
    await expect(status).toHaveText(`Getting ${STARTER.name} from ${place}`);
    await expect(status).toHaveText(/could not be loaded: .* is not what its publisher says/, { timeout: 120_000 });
    const model = await ModelPage.on(await tab.context().newPage(), site.url);
    await expect(model.load({ kind: "starter" }, 64)).rejects.toMatchObject(
      refused("checksum-mismatch", "is not the starter model: its host has another file."),
    );

    // It has the right one: loaded past the store where nothing can be kept, and else kept and loaded from there.
    host.faults = [{ kind: "replaced", by: content }];
    expect(await model.load({ kind: "starter" }, 64)).toMatchObject({ name: STARTER.name, sampling: STARTER_SAMPLING });
    await model.tab.close();
    await tab.getByRole("button", { name: "Try again" }).click();
    await expect(status).toHaveText(/^(?:Loading .* onto the GPU|.* is ready\.)$/, { timeout: 120_000 });
  } finally {
    await Promise.all([host.stop(), site.stop()]);
  }
});

/** In a process of its own, as `npm run build` does it, beside `dist`. */
async function build(folder: string, from: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");
  const building = spawn(
    process.execPath,
    [vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "error"],
    {
      env: { ...process.env, VITE_STARTER_FROM: from },
      stdio: ["ignore", 2, 2],
    },
  );
  const [status] = (await once(building, "exit")) as [number | null];
  expect(status, "the build's exit status").toBe(0);
}
