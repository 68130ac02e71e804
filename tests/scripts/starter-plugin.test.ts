/** The starter model as it is served: what a build writes, and what the dev server answers at the same addresses. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, createServer, type ViteDevServer } from "vite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cut, spansOf } from "../../scripts/starter/pieces";
import { starterModel } from "../../scripts/starter/vite-plugin";
import { STARTER, STARTER_PIECE_BYTES, type StarterManifest, type StarterPresent } from "../../src/shared/starter";
import { readStarterManifest } from "../../src/shared/starter-manifest";
import { standInModel } from "../fixtures/stand-in-model";

vi.setConfig({ testTimeout: 30_000 }); // a busy machine takes its time

const { content, pin } = standInModel();
const PIECE_BYTES = 80_000; // of 300,000: three whole ones and a rest
const PATHS = ["stand-in.gguf.00", "stand-in.gguf.01", "stand-in.gguf.02", "stand-in.gguf.03"];

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ingle-starter-"));
  folder = join(root, ".cache/starter");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, pin.file), content);
  writeFileSync(join(root, "index.html"), "<!doctype html><title>A page</title>");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const plugins = () => [starterModel({ folder, pin, pieceBytes: PIECE_BYTES })];

function expectPieces(manifest: StarterManifest, read: (path: string) => Buffer): void {
  const { pieces, ...rest } = manifest as StarterPresent;
  expect(rest).toEqual({ version: 1, ...pin });
  expect(pieces.map(({ path }) => path)).toEqual(PATHS);
  for (const { path, bytes, sha256 } of pieces) {
    expect(read(path).length).toBe(bytes);
    expect(createHash("sha256").update(read(path)).digest("hex")).toBe(sha256);
  }
  expect(Buffer.concat(pieces.map(({ path }) => read(path))).equals(content)).toBe(true);
}

describe("the pieces", () => {
  it("of the real one are four, none past what static hosts take", () => {
    const spans = spansOf(STARTER);
    expect(spans.map(({ bytes }) => bytes)).toEqual([25_165_824, 25_165_824, 25_165_824, 22_864_960]);
    expect(STARTER_PIECE_BYTES).toBeLessThanOrEqual(24 * 2 ** 20);
    expect(spans.map(({ path }) => path.slice(STARTER.file.length))).toEqual([".00", ".01", ".02", ".03"]);
  });

  it("cover the file once, whatever its length", () => {
    for (const bytes of [1, 99, 100, 101, 1050]) {
      let end = 0;
      for (const span of spansOf({ ...pin, bytes }, 100)) {
        expect(span.start).toBe(end);
        expect(span.bytes).toBeGreaterThan(0);
        expect(span.bytes).toBeLessThanOrEqual(100);
        end += span.bytes;
      }
      expect(end).toBe(bytes);
    }
  });

  it("are not made of a file that is missing, cut short or wrong, and the manifest says so", async () => {
    const path = join(folder, pin.file);
    const into = join(root, "out");
    mkdirSync(into);
    for (const [bytes, says] of [
      [Buffer.alloc(0), "is not on the machine"],
      [content.subarray(1), "is not whole on the machine"],
      [Buffer.alloc(pin.bytes), "is damaged on the machine"],
    ] as const) {
      writeFileSync(path, bytes);
      const manifest = await cut(path, pin, { pieceBytes: PIECE_BYTES, into });
      expect(manifest).toEqual({ version: 1, missing: expect.stringContaining(says) as string });
      expect(manifest).toMatchObject({ missing: expect.stringContaining("npm run starter") as string });
      expect(readdirSync(into)).toEqual([]);
    }
  });
});

describe("a build", () => {
  const built = () => build({ configFile: false, root, logLevel: "silent", plugins: plugins() });
  const out = (name = "") => join(root, "dist/starter", name);
  const manifest = () => JSON.parse(readFileSync(out("manifest.json"), "utf8")) as StarterManifest;

  it("writes pieces that join to the file, their manifest and the licence", async () => {
    await built();
    expect(readdirSync(out()).sort()).toEqual(["LICENSE", "NOTICE", "manifest.json", ...PATHS]);
    expectPieces(manifest(), (path) => readFileSync(out(path)));
    expect(readFileSync(out("LICENSE"), "utf8")).toContain("END OF TERMS AND CONDITIONS");
  });

  it("goes on without the file, and the manifest says that it is missing", async () => {
    rmSync(join(folder, pin.file));
    await built();
    expect(readdirSync(out())).toEqual(["manifest.json"]);
    expect(manifest()).toEqual({ version: 1, missing: expect.stringContaining("npm run starter") as string });
  });
});

describe("with VITE_STARTER_FROM", () => {
  const built = async (option: string): Promise<StarterPresent> => {
    vi.stubEnv("VITE_STARTER_FROM", option);
    await build({ configFile: false, root, logLevel: "silent", plugins: plugins() });
    expect(readdirSync(join(root, "dist/starter"))).toEqual(["manifest.json"]);
    const text = readFileSync(join(root, "dist/starter/manifest.json"), "utf8");
    readStarterManifest(JSON.parse(text)); // as the worker does
    return JSON.parse(text) as StarterPresent;
  };
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("a build has a manifest alone, which leads to the file, or to what a build without would have written", async () => {
    rmSync(join(folder, pin.file)); // not needed here
    const file = await built("https://hub.example/m/resolve/0123/other-name.gguf?download=true");
    const whole = { path: "https://hub.example/m/resolve/0123/other-name.gguf?download=true", bytes: pin.bytes };
    expect(file).toEqual({ version: 1, ...pin, pieces: [{ ...whole, sha256: pin.sha256 }] });

    const { pieces, ...rest } = await built("https://cdn.example/ingle/starter");
    expect(rest).toEqual({ version: 1, ...pin });
    expect(pieces.map(({ path }) => path)).toEqual(PATHS.map((path) => `https://cdn.example/ingle/starter/${path}`));
    expect(pieces.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(pin.bytes);
  });

  it("a build with a bad one fails, and says why", async () => {
    await expect(built("https://huggingface.co/a/b/blob/main/m.gguf")).rejects.toThrow("/resolve/");
  });

  it("the dev server leads there, too, and has no pieces", async () => {
    vi.stubEnv("VITE_STARTER_FROM", "https://cdn.example/starter/");
    const options = { port: 0, host: "127.0.0.1", ws: false as const };
    const server = await createServer({
      configFile: false,
      root,
      logLevel: "silent",
      plugins: plugins(),
      server: options,
    });
    try {
      await server.listen();
      const address = `${server.resolvedUrls?.local[0] ?? ""}starter/`;
      const manifest = (await (await fetch(`${address}manifest.json`)).json()) as StarterPresent;
      expect(manifest.pieces[0]?.path).toBe(`https://cdn.example/starter/${PATHS[0] ?? ""}`);
      for (const name of [PATHS[0] ?? "", "LICENSE"]) expect((await fetch(address + name)).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});

describe("the dev server", () => {
  let server: ViteDevServer;
  let address: string;

  beforeEach(async () => {
    const options = { port: 0, host: "127.0.0.1", ws: false as const };
    server = await createServer({ configFile: false, root, logLevel: "silent", plugins: plugins(), server: options });
    await server.listen();
    address = `${server.resolvedUrls?.local[0] ?? ""}starter/`;
  });
  afterEach(() => server.close());

  const get = (name: string, headers: Record<string, string> = {}) => fetch(address + name, { headers });
  const manifest = async () => (await (await get("manifest.json")).json()) as StarterManifest;

  it("answers with manifest, pieces and licence where the build would have them", async () => {
    const pieces = new Map<string, Buffer>();
    for (const path of PATHS) pieces.set(path, Buffer.from(await (await get(path)).arrayBuffer()));
    expectPieces(await manifest(), (path) => pieces.get(path) ?? Buffer.alloc(0));
    expect(await (await get("LICENSE")).text()).toContain("END OF TERMS AND CONDITIONS");
    expect((await get("NOTICE")).status).toBe(200);
    expect((await get("stand-in.gguf.04")).status).toBe(404);
  });

  it("gives ranges of a piece", async () => {
    const ranged = await get(PATHS[1] ?? "", { Range: "bytes=10-19" });
    expect(ranged.status).toBe(206);
    expect(ranged.headers.get("content-range")).toBe(`bytes 10-19/${PIECE_BYTES}`);
    expect(Buffer.from(await ranged.arrayBuffer())).toEqual(content.subarray(PIECE_BYTES + 10, PIECE_BYTES + 20));
    const rest = await get(PATHS[3] ?? "", { Range: "bytes=59999-" });
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(content.subarray(-1));
    expect((await get(PATHS[3] ?? "", { Range: "bytes=60000-" })).status).toBe(416);
  });

  it("sees that the file has come or gone while it runs", async () => {
    expect(await manifest()).toHaveProperty("pieces");
    rmSync(join(folder, pin.file));
    expect(await manifest()).toHaveProperty("missing");
    expect((await get(PATHS[0] ?? "")).status).toBe(404);
    writeFileSync(join(folder, pin.file), content);
    expect(await manifest()).toHaveProperty("pieces");
  });
});
