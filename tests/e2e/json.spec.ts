/**
 * Replies held to JSON in the built page: what holds them is fetched with the first that asks for it, runs under the
 * page's policy, in a worker of the engine's worker, and is there when the network is not.
 */
import { ModelPage } from "../../scripts/engine/model-page";
import { servePage } from "../../scripts/serve";
import type { GenerateRequest } from "../../src/engine/engine";
import { refused } from "../helpers/refused";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 180_000 });

const codeOf = (url: string) => /\/assets\/grammar-worker-[\w-]+\.js$/.test(new URL(url).pathname);

const choice: GenerateRequest = {
  input: { messages: [{ role: "user", content: "Which is larger, the sun or the moon?" }] },
  responseFormat: {
    type: "json",
    schema: '{"type":"object","properties":{"larger":{"enum":["sun","moon"]}},"required":["larger"]}',
  },
  sampling: { temperature: 0 },
};

async function reply(model: ModelPage, request: GenerateRequest): Promise<string> {
  let text = "";
  await model.generate(request, (event) => {
    if (event.type === "text") text += event.text;
  });
  return text;
}

test("a reply is JSON by its schema, or refused, and is with no server, too", async ({ context }) => {
  const server = await servePage();
  const code: string[] = [];
  context.on("request", (request) => {
    if (codeOf(request.url())) code.push(request.url());
  });
  const model = await ModelPage.on(await context.newPage(), server.url);
  await model.tab.evaluate(() => navigator.serviceWorker.ready);
  await model.load({ kind: "starter" }, 128);
  expect(code, "the grammars' code before a reply needs it").toEqual([]);

  const isChoice = /^\{"larger": "(?:sun|moon)"\}$/;
  expect(await reply(model, choice)).toMatch(isChoice);
  expect(new Set(code).size).toBe(1);

  // What can't be held to is refused with its reason, and a reply cut off is an error.
  const oneOf: GenerateRequest = { ...choice, responseFormat: { type: "json", schema: '{"oneOf":[true]}' } };
  await expect(reply(model, oneOf)).rejects.toMatchObject(refused("request-invalid", /"oneOf".*Use anyOf/));
  const broken: GenerateRequest = {
    ...choice,
    responseFormat: { type: "json", schema: '{"type":"string","pattern":"(("}' },
  };
  await expect(reply(model, broken)).rejects.toMatchObject(refused("request-invalid", /parenthesis is not closed/));
  await expect(reply(model, { ...choice, maxTokens: 2 })).rejects.toMatchObject(
    refused("json-incomplete", /before its JSON was whole/),
  );
  expect(await reply(model, choice)).toMatch(isChoice);

  // A model loaded anew has a worker anew.
  await model.unload();
  await model.load({ kind: "starter" }, 128);
  await server.close();
  await context.setOffline(true);
  expect(await reply(model, choice)).toMatch(isChoice);
  await context.setOffline(false);
});
