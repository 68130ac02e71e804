/**
 * `npm run bench:store`: how fast a model's files come into the browser's storage and out of it into GPU buffers, by
 * the store and by what others do, in the same run and in turns.
 */
import { parseArgs } from "node:util";
import { messageOf } from "../src/shared/errors";
import { spreadOf } from "../src/shared/statistics";
import { formatBytes, formatNumber, KiB, MiB } from "../src/shared/units";
import { openBenchPage, type BenchPage } from "./bench-store/bench-page";
import { CHUNK_FORMS } from "./bench-store/chunk-forms";
import { serveFiles } from "./bench-store/host";
import type { Files, KeeperName } from "./bench-store/keepers";

const USAGE = `Usage: npm run bench:store -- [options]
  --mib N     the model's size in MiB, in files of 32 MiB; by default 1024
  --rounds N  how often everything is measured; by default 5
  --chunks    measures values of several sizes and forms instead
  --software  use SwiftShader, an adapter computed on the processor
Exit status: 0 measured, and JavaScript's memory kept its bound; 1 it did not, or something failed; 3 wrong arguments.`;

/** As MLC's shards are. */
const FILE_BYTES = 32 * MiB;
const MOST_HEAP = 64 * MiB;
const NAMES: Readonly<Record<KeeperName, string>> = {
  store: "the store",
  wholeShards: "IndexedDB, whole shards, read twice",
  cacheApi: "Cache API",
  opfs: "origin private file system",
};
const KEEPERS = Object.keys(NAMES) as KeeperName[];
const CHUNK_SIZES = [256 * KiB, MiB, 2 * MiB, 4 * MiB, 8 * MiB, 16 * MiB, 32 * MiB];
const CHUNK_TOTAL = 256 * MiB;

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      mib: { type: "string", default: "1024" },
      rounds: { type: "string", default: "5" },
      chunks: { type: "boolean", default: false },
      software: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [mib, rounds] = [Number(values.mib), Number(values.rounds)];
  if (!(Number.isInteger(mib) && mib >= 32 && mib <= 16_384)) throw new Error(`--mib ${values.mib}: 32 to 16384.`);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100))
    throw new Error(`--rounds ${values.rounds}: 1 to 100.`);
  return { ...values, mib, rounds };
}

function row(label: string, megabytes: number, elapsed: readonly number[]): string {
  const { median, lowerQuartile, upperQuartile } = spreadOf(elapsed.map((ms) => (megabytes * 1000) / ms));
  const middle = `${formatNumber(lowerQuartile)} – ${formatNumber(upperQuartile)}`;
  return `  ${label.padEnd(38)}${formatNumber(median).padStart(7)} MB/s  ${middle}, ${elapsed.length} runs`;
}

/** @returns whether the bound on JavaScript's memory was kept. */
async function compare(page: BenchPage, mib: number, rounds: number): Promise<boolean> {
  const host = await serveFiles(FILE_BYTES);
  const count = Math.ceil((mib * MiB) / FILE_BYTES);
  const urls = Array.from({ length: count }, (_, i) => `${host.url}/${i}.bin`);
  const files: Files = { urls, bytes: FILE_BYTES, sha256: host.sha256 };
  const times = { fetch: timesOfAll(), read: timesOfAll() };
  const heap = { fetch: 0, read: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const kind of ["fetch", "read"] as const) {
        for (const keeper of KEEPERS) {
          console.error(`Round ${round + 1} of ${rounds}: ${kind}, ${NAMES[keeper]} …`);
          if (keeper === "store") await page.heap.start();
          times[kind][keeper].push(await page.run({ kind, keeper, files, key: `round-${round}` }));
          if (keeper !== "store") continue;
          const samples = await page.heap.stop();
          const peak = Math.max(...samples.map(({ bytes }) => bytes)) - (samples[0]?.bytes ?? 0);
          heap[kind] = Math.max(heap[kind], peak);
        }
      }
    }
  } finally {
    await host.close();
  }
  const megabytes = (count * FILE_BYTES) / 1e6;
  console.log(`Chromium ${page.version}; ${formatBytes(count * FILE_BYTES)} in files of ${formatBytes(FILE_BYTES)}`);
  console.log("\nCold: from a server on this computer into storage (the store verifies every file)");
  for (const keeper of KEEPERS) console.log(row(NAMES[keeper], megabytes, times.fetch[keeper]));
  console.log("\nWarm: from storage into GPU buffers");
  for (const keeper of KEEPERS) console.log(row(NAMES[keeper], megabytes, times.read[keeper]));
  const ratio = (to: KeeperName) => spreadOf(times.read[to].map((ms, i) => ms / (times.read.store[i] ?? NaN))).median;
  console.log(`\n  the store to whole shards  ${ratio("wholeShards").toFixed(2)} ×   goal: 2`);
  console.log(`  the store to the Cache API ${ratio("cacheApi").toFixed(2)} ×   goal: 1`);
  console.log("\nThe store's JavaScript memory above start, at its peak");
  let isKept = true;
  for (const kind of ["fetch", "read"] as const) {
    const kept = heap[kind] <= MOST_HEAP;
    isKept &&= kept;
    console.log(
      `  ${kind === "fetch" ? "cold" : "warm"} ${formatBytes(heap[kind])}   ≤ ${formatBytes(MOST_HEAP)}${kept ? "" : "  MISSED"}`,
    );
  }
  return isKept;
}

const timesOfAll = (): Record<KeeperName, number[]> => ({ store: [], wholeShards: [], cacheApi: [], opfs: [] });

async function compareChunks(page: BenchPage, rounds: number): Promise<void> {
  const all = CHUNK_SIZES.flatMap((bytes) => CHUNK_FORMS.map((form) => ({ form, bytes, count: CHUNK_TOTAL / bytes })));
  const writes = all.map((): number[] => []);
  const reads = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, series] of all.entries()) {
      const key = `${series.form} ${series.bytes} ${round}`;
      console.error(`Round ${round + 1} of ${rounds}: ${formatBytes(series.bytes)}, ${series.form} …`);
      writes[i]?.push(await page.run({ kind: "write-chunks", series, key }));
      reads[i]?.push(await page.run({ kind: "read-chunks", series, key }));
    }
  }
  console.log(`Chromium ${page.version}; ${formatBytes(CHUNK_TOTAL)} in values of`);
  for (const [title, times] of [
    ["Written", writes],
    ["Read into GPU buffers", reads],
  ] as const) {
    console.log(`\n${title}`);
    for (const [i, { form, bytes }] of all.entries()) {
      console.log(row(`${formatBytes(bytes)}, ${form}`, CHUNK_TOTAL / 1e6, times[i] ?? []));
    }
  }
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return 3;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const page = await openBenchPage(options);
  try {
    if (!options.chunks) return (await compare(page, options.mib, options.rounds)) ? 0 : 1;
    await compareChunks(page, options.rounds);
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  } finally {
    await page.close();
  }
}

process.exitCode = await main();
