/**
 * `npm run budget`, after a build: what a first visit loads before the visitor asks for anything, and whether the
 * shell is whole. Fails past the budget.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Manifest } from "vite";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const FIRST_LOAD_BUDGET_BYTES = 80_000;
/** Lazy chunks of the workers, by what they begin with; each brings what it imports. */
const ENGINE_CHUNKS = /^assets\/(?:engine|kernel-checks)-[\w-]+\.js$/;
const TOKENIZER_CHUNK = /^assets\/open-tokenizer-[\w-]+\.js$/;
/** The weight store, with its hasher: what downloads a model, and no part of what runs one. */
const STORE_CHUNKS = /^assets\/(?:store|describe)-[\w-]+\.js$/;
/** WebLLM comes with the first model that it is to run; the library itself is in no precache. */
const WEBLLM_CHUNKS = /^assets\/webllm-(?:engine|library)-[\w-]+\.js$/;
/** What holds a reply to JSON, from the first that asks for it on; its worker is in no precache either. */
const GRAMMAR_CHUNKS = /^assets\/grammars?-[\w-]+\.js$/;
const WORKER_ENTRY = /^assets\/(?:shared-)?entry-[\w-]+\.js$/;
const ENGINE_BUDGET_BYTES = 60_000;

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(DIST.length).replaceAll("\\", "/"));
const manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8")) as Manifest;

/** Chunks that something asked for brings: reached through a dynamic import and not from the page's entry. */
function lazyChunks(): Set<string> {
  const reach = (key: string, seen: Set<string>): Set<string> => {
    const chunk = manifest[key];
    if (chunk === undefined || seen.has(chunk.file)) return seen;
    seen.add(chunk.file);
    for (const next of chunk.imports ?? []) reach(next, seen);
    return seen;
  };
  const early = reach("index.html", new Set());
  const all = Object.values(manifest).map(({ file }) => file);
  return new Set(all.filter((file) => !early.has(file)));
}

/** What the workers bring when something is asked of them: a model downloaded, loaded, rehearsed, the kernels checked. */
function lazyWorkerChunks(): Set<string> {
  // Vite's manifest does not know them.
  const known = new Set(Object.values(manifest).map(({ file }) => file));
  const chunks = files.filter((file) => file.startsWith("assets/") && file.endsWith(".js") && !known.has(file));
  const early = reached(chunks.filter((file) => WORKER_ENTRY.test(file)));
  return new Set(chunks.filter((file) => !early.has(file)));
}

/** These files and all that they import before they run. */
function reached(roots: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const reach = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const code = readFileSync(join(DIST, file), "utf8");
    for (const [, name] of code.matchAll(/\b(?:from|import)\s*"\.\/([\w.-]+)"/g)) reach(`assets/${name ?? ""}`);
  };
  roots.forEach(reach);
  return seen;
}

function checkBudget(): boolean {
  const lazy = lazyChunks();
  // Workers, the service worker and the gate are in no manifest, and are all asked for at once.
  const engine = lazyWorkerChunks();
  const first = files.filter((file) => file.endsWith(".js") && !lazy.has(file) && !engine.has(file));
  let total = 0;
  for (const file of first) {
    const size = compressedBytes(file);
    total += size;
    console.log(`${(size / 1000).toFixed(1).padStart(6)} kB  ${file}`);
  }
  console.log(
    `${(total / 1000).toFixed(1).padStart(6)} kB of JavaScript, compressed, at the first load; the budget is ${FIRST_LOAD_BUDGET_BYTES / 1000} kB.`,
  );
  return total <= FIRST_LOAD_BUDGET_BYTES;
}

/** What Ingle's engine takes with its kernels and their checks, without the tokenizer's libraries, which it names. */
function checkEngine(): boolean {
  const lazy = [...lazyWorkerChunks()];
  const parts = (roots: RegExp, without: readonly string[] = []) =>
    [...reached(lazy.filter((file) => roots.test(file)))].filter(
      (file) => lazy.includes(file) && !without.includes(file),
    );
  const engine = parts(ENGINE_CHUNKS);
  const tokenizer = parts(TOKENIZER_CHUNK, engine);
  const store = parts(STORE_CHUNKS, engine);
  const webllm = parts(WEBLLM_CHUNKS, engine);
  const grammar = parts(GRAMMAR_CHUNKS, engine);
  const total = (parts: readonly string[]) => parts.reduce((sum, file) => sum + compressedBytes(file), 0);
  if (!engine.some((file) => readFileSync(join(DIST, file), "utf8").includes("fn dot_nibbles"))) {
    console.error("The kernels are not in the engine's chunks.");
    return false;
  }
  const size = total(engine);
  console.log(
    `${(size / 1000).toFixed(1).padStart(6)} kB of engine, compressed; the budget is ${ENGINE_BUDGET_BYTES / 1000} kB. ` +
      `Its tokenizer: ${(total(tokenizer) / 1000).toFixed(1)} kB; the store: ${(total(store) / 1000).toFixed(1)} kB; WebLLM: ${(total(webllm) / 1000).toFixed(1)} kB; grammars: ${(total(grammar) / 1000).toFixed(1)} kB.`,
  );
  return size <= ENGINE_BUDGET_BYTES;
}

function compressedBytes(file: string): number {
  return gzipSync(readFileSync(join(DIST, file)), { level: 9 }).byteLength;
}

/** Every file of the shell has to be in the precache, or the page breaks when opened with no network; no weights may. */
function checkPrecache(): boolean {
  const serviceWorker = readFileSync(join(DIST, "sw.js"), "utf8");
  const notShell = /^(?:sw\.js|\.vite\/.*|_headers|starter\/.*|assets\/(?:webllm-library|grammar-worker)-.*)$/;
  const missing = files.filter((file) => !notShell.test(file) && !serviceWorker.includes(JSON.stringify(file)));
  const weights = files.filter((file) => file.startsWith("starter/") && serviceWorker.includes(JSON.stringify(file)));
  for (const file of missing) console.error(`Not in the precache: ${file}`);
  for (const file of weights) console.error(`In the precache, where no weights may be: ${file}`);
  return missing.length === 0 && weights.length === 0;
}

const withinBudget = checkBudget();
const engineWithinBudget = checkEngine();
const whole = checkPrecache();
if (!withinBudget) console.error("The first load is past its budget.");
if (!engineWithinBudget) console.error("The engine is past its budget.");
if (!withinBudget || !engineWithinBudget || !whole) process.exitCode = 1;
