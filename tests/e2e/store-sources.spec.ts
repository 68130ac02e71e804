/** From what a person names a model by to verified bytes: repositories, folders, plain files, the starter; and mirrors. */
import { createHash, randomBytes } from "node:crypto";
import { ModelPage } from "../../scripts/engine/model-page";
import { STARTER, STARTER_SAMPLING } from "../../src/shared/starter";
import type { RepositorySource } from "../../src/store/model-spec";
import { startHubHost, type HubHost } from "../helpers/hub-host";
import { refused } from "../helpers/refused";
import { ask, download, list, remove, sha256 } from "../helpers/store-page";
import { expect, test } from "../helpers/test";
import { tinyGguf } from "../helpers/tiny-gguf";
import { tinyMlc } from "../helpers/tiny-mlc";

let hub: HubHost;
let model: ModelPage;
test.beforeEach(async ({ context, site }) => {
  hub = await startHubHost();
  model = await ModelPage.on(await context.newPage(), site);
});
test.afterEach(() => hub.stop());

const repository = (more: Partial<RepositorySource> = {}): RepositorySource => ({
  kind: "repository",
  host: hub.url,
  repository: "tests/Tiny",
  ...more,
});

/** With a tokenizer that can be opened. */
const metadata = { "tokenizer.ggml.merges": { list: "string", values: ["t 1"] } } as const;
const gguf = Buffer.from(tinyGguf({ metadata }));

/** As a listing has it: small files first, so that the wanted one is on a later page. */
const filesWith = (content: Buffer) =>
  new Map([
    [".gitattributes", Buffer.from("*.gguf filter=lfs")],
    ["README.md", Buffer.from("# Tiny")],
    ["gguf/of two words.gguf", content],
    ["other.gguf", randomBytes(5000)],
  ]);

test("a repository's file is that of one commit, and held to its sum", async () => {
  const first = hub.commit(filesWith(gguf));
  const spec = await ask(model, "describe", repository({ files: ["gguf/of two words.gguf"] }));
  expect(spec).toMatchObject({
    id: "tests/Tiny/gguf/of two words.gguf",
    origin: { host: hub.url, repository: "tests/Tiny", revision: first },
    files: [{ name: "gguf/of two words.gguf", digest: { algorithm: "sha256", hex: sha256(gguf) } }],
  });
  const { outcome } = await download(model, spec);
  expect(outcome).toMatchObject({ files: [{ sha256: sha256(gguf), isVerified: true }], origin: { revision: first } });
  // A mirror's links lead to its original: none was followed there.
  expect(hub.asked.every((path) => path.startsWith("/mirror/"))).toBe(true);
  expect(await ask(model, "latestRevision", spec.id)).toBe(first);
  const info = await model.load({ kind: "stored", id: spec.id }, 64);
  expect(info.name).toBe("gguf/of two words");
  await model.unload();

  // A newer revision is offered, and nothing changes until it is asked for.
  const newer = Buffer.from(tinyGguf({ layers: 3, metadata }));
  const second = hub.commit(filesWith(newer));
  expect(await ask(model, "latestRevision", spec.id)).toBe(second);
  expect(await list(model)).toEqual([outcome]);
  await remove(model, spec.id);
  expect((await download(model, spec)).outcome).toEqual(outcome);
  const update = await ask(model, "describe", repository({ files: ["gguf/of two words.gguf"] }));
  expect((await download(model, update)).outcome).toMatchObject({
    files: [{ sha256: sha256(newer) }],
    origin: { revision: second },
  });
});

test("an MLC repository's small files are held to git's own sums, and it loads from the store", async () => {
  const files = new Map(Array.from(tinyMlc(), ([name, bytes]) => [name, Buffer.from(bytes)]));
  hub.commit(new Map([...files, ["README.md", Buffer.from("# Tiny")]]));
  const spec = await ask(model, "describe", repository());
  expect(spec.files.map(({ name }) => name).sort()).toEqual([...files.keys()].sort());
  const algorithms = new Set(spec.files.map(({ digest }) => digest?.algorithm));
  expect(algorithms).toEqual(new Set(["git-blob", "sha256"]));
  const stored = await ask(model, "download", spec);
  expect(stored.files.every(({ isVerified }) => isVerified)).toBe(true);
  expect((await model.load({ kind: "stored", id: spec.id }, 64)).name).toBe("Tiny");
});

test("a newer revision's unchanged files are not fetched again, and those it has no more are gone", async () => {
  const files = new Map([
    ["params_shard_0.bin", randomBytes(9 * 2 ** 20)],
    ["params_shard_1.bin", randomBytes(5000)],
    ["params_shard_2.bin", randomBytes(6000)],
  ]);
  const first = hub.commit(files);
  const stored = await ask(model, "download", await ask(model, "describe", repository()));
  expect(stored.origin?.revision).toBe(first);

  const renamed = hub.commit(new Map([...files, ["README.md", Buffer.from("# Now with a card")]]));
  const before = hub.sent();
  const same = await ask(model, "download", await ask(model, "describe", repository()));
  expect(same.origin?.revision).toBe(renamed);
  expect(await ask(model, "latestRevision", stored.id)).toBe(renamed);
  expect(hub.sent()).toBe(before);

  const changed = new Map(files).set("params_shard_1.bin", randomBytes(7000));
  changed.delete("params_shard_2.bin");
  hub.commit(changed);
  const updated = await ask(model, "download", await ask(model, "describe", repository()));
  expect(updated.files.map(({ name, bytes }) => ({ name, bytes }))).toEqual([
    { name: "params_shard_0.bin", bytes: 9 * 2 ** 20 },
    { name: "params_shard_1.bin", bytes: 7000 },
  ]);
  expect(hub.sent()).toBe(before + 7000);
  expect(updated.missingChunks).toBe(0);
  expect((await ask(model, "usage")).models).toMatchObject([{ bytes: 9 * 2 ** 20 + 7000 }]);
});

test("a file whose server says no length comes whole", async () => {
  const files = new Map([["m.gguf", gguf]]);
  const commit = hub.commit(files);
  hub.instead("/m.gguf", (response) => {
    response.write(gguf.subarray(0, 1000)); // in pieces: chunked, as servers send what they make or compress
    response.end(gguf.subarray(1000));
  });
  const url = `${hub.url}/tests/Tiny/resolve/${commit}/m.gguf`;
  const stored = await ask(model, "download", await ask(model, "describe", { kind: "gguf", url }));
  expect(stored.files).toMatchObject([{ bytes: gguf.length, sha256: sha256(gguf) }]);
  hub.instead("/m.gguf", (response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(2 ** 20)));
    };
    response.on("drain", more);
    more();
  });
  await remove(model, stored.id);
  await expect(ask(model, "download", await ask(model, "describe", { kind: "gguf", url }))).rejects.toMatchObject(
    refused("source-failed", /^m\.gguf: its server does not say how large it is, and it is over 32 MiB\.$/),
  );
});

test("a small file that is not what git says is refused", async () => {
  const files = new Map(Array.from(tinyMlc(), ([name, bytes]) => [name, Buffer.from(bytes)]));
  hub.commit(files);
  const spec = await ask(model, "describe", repository());
  const wrong = Buffer.from(files.get("tokenizer_config.json") ?? "");
  wrong.writeUInt8(wrong.readUInt8(3) ^ 1, 3);
  hub.instead("/tokenizer_config.json", (response) => response.end(wrong));
  await expect(ask(model, "download", spec)).rejects.toMatchObject(
    refused("checksum-mismatch", /^tokenizer_config\.json is not what its publisher says: its git-blob is/),
  );
  expect(await list(model)).toEqual([]);
});

test("an MLC folder's shards are held to the MD5 sums of its manifest", async () => {
  const files = new Map(Array.from(tinyMlc(), ([name, bytes]) => [name, Buffer.from(bytes)]));
  const manifest = JSON.parse(String(files.get("tensor-cache.json"))) as { records: { dataPath: string }[] };
  for (const record of manifest.records) {
    const content = files.get(record.dataPath) ?? Buffer.alloc(0);
    Object.assign(record, { md5sum: createHash("md5").update(content).digest("hex") });
  }
  files.delete("tensor-cache.json");
  files.set("ndarray-cache.json", Buffer.from(JSON.stringify(manifest))); // as it was called before
  const commit = hub.commit(files);
  const spec = await ask(model, "describe", { kind: "mlc", url: `${hub.url}/tests/Tiny/resolve/${commit}/` });
  const stored = await ask(model, "download", spec);
  const verified = stored.files.filter(({ isVerified }) => isVerified);
  expect(verified.map(({ name }) => name)).toEqual(manifest.records.map(({ dataPath }) => dataPath));
  await model.load({ kind: "stored", id: spec.id }, 64);
});

test("a GGUF in parts by the address of its first", async () => {
  const halves = [randomBytes(3000), randomBytes(2000)] as const;
  const commit = hub.commit(new Map(halves.map((half, i) => [`m-0000${i + 1}-of-00002.gguf`, half])));
  const url = `${hub.url}/tests/Tiny/resolve/${commit}/m-00001-of-00002.gguf`;
  const { outcome } = await download(model, await ask(model, "describe", { kind: "gguf", url }));
  expect(outcome).toMatchObject({
    name: "m.gguf",
    files: halves.map((half) => ({ sha256: sha256(half), isVerified: false })),
  });
});

test("where no sum is published, the first download's is what later ones are held to", async () => {
  const files = new Map([["m.gguf", gguf]]);
  const commit = hub.commit(files);
  const spec = await ask(model, "describe", { kind: "gguf", url: `${hub.url}/tests/Tiny/resolve/${commit}/m.gguf` });
  expect((await download(model, spec)).outcome).toMatchObject({ files: [{ isVerified: false }] });
  await remove(model, spec.id);
  const other = randomBytes(gguf.length);
  files.set("m.gguf", other);
  await expect(ask(model, "download", spec)).rejects.toMatchObject(
    refused("checksum-mismatch", /^m\.gguf is another file than the first time, and its publisher states no sum/),
  );
  expect(await list(model)).toEqual([]);
  const accepted = await ask(model, "download", spec, { acceptsChange: true });
  expect(accepted.files).toMatchObject([{ sha256: sha256(other), isVerified: false }]);
  // From now on that one.
  await remove(model, spec.id);
  await ask(model, "download", spec);
});

test("the starter comes in pieces from the page's own origin, and loads from the store", async ({ site }) => {
  const spec = await ask(model, "describe", { kind: "starter", page: site });
  expect(spec.files[0].pieces.length).toBeGreaterThan(1);
  const { outcome } = await download(model, spec);
  expect(outcome).toMatchObject({ id: "starter", files: [{ sha256: STARTER.sha256, isVerified: true }] });
  const info = await model.load({ kind: "stored", id: "starter" }, 64);
  expect(info).toMatchObject({ name: STARTER.name, sampling: STARTER_SAMPLING });
});

test("what a hub should not answer is refused in a sentence", async () => {
  const describe = (more: Partial<RepositorySource> = {}) => ask(model, "describe", repository(more));
  const commit = hub.commit(filesWith(gguf));
  await expect(describe({ files: ["nothing.gguf"] })).rejects.toMatchObject(
    refused("source-failed", 'tests/Tiny has no file "nothing.gguf".'),
  );
  await expect(describe()).rejects.toMatchObject(refused("source-failed", "tests/Tiny has no model's files."));
  await expect(describe({ repository: "tests/Other" })).rejects.toMatchObject(
    refused("source-failed", "The list of files of tests/Other: the server answered 404 Not Found"),
  );
  await expect(describe({ repository: "../../etc" })).rejects.toMatchObject(
    refused("request-invalid", "names no repository"),
  );
  const answers: [string, RegExp][] = [
    ["<html>Sign in</html>", /what the server sent is not what was asked for/],
    [JSON.stringify([{ type: "file", path: "m", oid: "x", size: -1 }]), /not what was asked for/],
    [JSON.stringify([{ type: "file", path: "m", oid: "x", size: 1, lfs: { oid: "../../" } }]), /not what was asked/],
    [`[${" ".repeat(9 * 2 ** 20)}]`, /is over 8 MiB/],
  ];
  for (const [body, problem] of answers) {
    hub.instead("/tree/", (response) => response.end(body));
    await expect(describe({ revision: commit })).rejects.toMatchObject(refused("source-failed", problem));
  }
  hub.instead("/revision/", (response) => response.end('{"sha":"main"}'));
  await expect(describe()).rejects.toMatchObject(refused("source-failed", "not what was asked for"));
});

test("hosts that may not be reached are named, and http is for this computer", async ({ expectedViolations }) => {
  const asked = [
    ["http://models.example", "has to be an https address"],
    ["ftp://127.0.0.1", "has to be an https address"],
    ["https://name:word@models.example", "may have no name and password in it"],
    ["models.example", "is no address"],
  ] as const;
  for (const [host, problem] of asked) {
    await expect(ask(model, "describe", repository({ host }))).rejects.toMatchObject(refused("host-invalid", problem));
  }
  await expect(ask(model, "describe", repository({ host: "https://models.example" }))).rejects.toMatchObject(
    refused("host-blocked", /may not reach https:\/\/models\.example, .* under Settings/),
  );
  expectedViolations.push({ where: "worker", directive: "connect-src" });
});
