/**
 * WebLLM as far as it goes without a library compiled for it, of which no registry has one: the true library in the
 * built page's true worker, with a server at 127.0.0.1 for the model hosts. With a library: tests/webllm.
 */
import type { SessionInfo } from "../../src/engine/engine";
import type { Clients } from "../../src/programs";
import type { EngineName } from "../../src/shared/engines";
import { ModelPage } from "../../scripts/engine/model-page";
import { startHubHost, type HubHost } from "../helpers/hub-host";
import { refused } from "../helpers/refused";
import { ask, type Refusal } from "../helpers/store-page";
import { expect, test } from "../helpers/test";
import { tinyMlc } from "../helpers/tiny-mlc";

declare const page: { readonly ingle: Clients };

/** SwiftShader has no shader-f16. */
const files = new Map(
  Array.from(tinyMlc({ quantization: "q4f32_1" }), ([name, bytes]) => [name, Buffer.from(bytes)] as const),
);
const LIBRARY = "tiny-webgpu.wasm";
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const NO_MODULE = Buffer.from("This is no WebAssembly.");

let hub: HubHost;
let model: ModelPage;
test.beforeEach(async ({ context, site }) => {
  hub = await startHubHost();
  model = await ModelPage.on(await context.newPage(), site);
});
test.afterEach(() => hub.stop());

/** Downloads the tiny model with what is to be its library. @returns its id. */
async function downloadWith(library: Buffer): Promise<string> {
  const commit = hub.commit(new Map([...files, [LIBRARY, library]]));
  const spec = await ask(model, "describe", {
    kind: "repository",
    host: hub.url,
    repository: "tests/Tiny",
    library: `${hub.url}/tests/Tiny/resolve/${commit}/${LIBRARY}`,
  });
  await ask(model, "download", spec);
  return spec.id;
}

function load(id: string, engine: EngineName): Promise<SessionInfo | Refusal> {
  return model.tab.evaluate(
    async ({ id, engine }) => {
      try {
        return await page.ingle.model.load({ source: { kind: "stored", id }, engine, contextLength: 64 });
      } catch (thrown) {
        const { code, message } = thrown as Refusal;
        return { code, message };
      }
    },
    { id, engine },
  );
}

const askedFor = (name: string) => hub.asked.filter((path) => path.endsWith(`/${name}`));
const codeOf = (url: string) => /\/assets\/webllm-library-[\w-]+\.js$/.test(new URL(url).pathname);
const doesNotStart = refused("model-invalid", /tiny-webgpu\.wasm, the compiled library of Tiny, does not start/);

test("every file is asked for once, through the store and kept there alone", async ({ context }) => {
  const code: string[] = [];
  context.on("request", (request) => {
    if (codeOf(request.url())) code.push(request.url());
  });
  const id = await downloadWith(NO_MODULE);
  expect(await load(id, "wgsl")).toMatchObject({ engine: "wgsl", name: "Tiny" });
  expect(code, "WebLLM's code before a model needs it").toEqual([]);

  expect(await load(id, "webllm")).toMatchObject(doesNotStart);
  expect(new Set(code).size).toBe(1);
  for (const name of [...files.keys(), LIBRARY]) expect(askedFor(name), name).toHaveLength(1);

  // Tried again with nobody there.
  await hub.stop();
  await context.setOffline(true);
  expect(await load(id, "webllm")).toMatchObject(doesNotStart);
  expect(await load(id, "wgsl")).toMatchObject({ engine: "wgsl" });
  await context.setOffline(false);

  const kept = await model.tab.evaluate(async () => ({
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).map(({ name }) => name),
  }));
  expect(kept.caches.filter((name) => !name.startsWith("workbox-precache"))).toEqual(["ingle-on-use"]);
  expect(
    kept.databases.every((name) => name?.startsWith("ingle") ?? false),
    String(kept.databases),
  ).toBe(true);
});

test("a library that starts and is none, or is missing, is said to be", async () => {
  expect(await load(await downloadWith(EMPTY_MODULE), "webllm")).toMatchObject(doesNotStart);

  const spec = await ask(model, "describe", { kind: "repository", host: hub.url, repository: "tests/Tiny" });
  expect(spec.id).toBe("tests/Tiny");
  await ask(model, "download", spec);
  expect(await load(spec.id, "webllm")).toMatchObject(
    refused("model-unsupported", /came without a library compiled for WebLLM\. Run it with Ingle's engine/),
  );
});

test("what is no library, or comes from no host, is refused before a byte is fetched", async () => {
  hub.commit(files);
  const source = { kind: "repository", host: hub.url, repository: "tests/Tiny" } as const;
  await expect(ask(model, "describe", { ...source, library: `${hub.url}/a.zip` })).rejects.toMatchObject(
    refused("request-invalid", /a\.zip is no compiled library/),
  );
  await expect(ask(model, "describe", { ...source, library: "http://example.org/a.wasm" })).rejects.toMatchObject({
    code: "host-invalid",
  });
});

test("a running model stays when WebLLM refuses the next, for a reason that it can know before", async () => {
  const id = await downloadWith(NO_MODULE);
  expect(await load(id, "wgsl")).toMatchObject({ engine: "wgsl" });
  const refusal = await model.tab.evaluate(async () => {
    try {
      return await page.ingle.model.load({ source: { kind: "starter" }, engine: "webllm" });
    } catch (thrown) {
      const { code, message } = thrown as Refusal;
      return { code, message };
    }
  });
  expect(refusal).toMatchObject(refused("model-unsupported", /in the browser's storage/));
  // Without one it would be "no-model".
  const tokens = model.tab.evaluate(() => page.ingle.model.countTokens([{ role: "user", content: "t1" }]));
  await expect(tokens).resolves.toEqual(expect.any(Number));
});
