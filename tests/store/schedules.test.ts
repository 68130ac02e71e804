/**
 * Twenty downloads, three hundred in `npm run test:full`, each of a model of its own from a host with faults of its
 * own, through the store into real IndexedDB. Whatever happens: no byte that was not published is handed out, nothing is
 * begun anew that need not be, and what fails says which file it was.
 */
import { describe, expect, inject, it } from "vitest";
import { IngleError } from "../../src/shared/errors";
import { CHUNK_BYTES } from "../../src/store/file-download";
import { hashChunk } from "../../src/store/hash";
import type { FileSpec, ModelSpec } from "../../src/store/model-spec";
import { downloadModel, listModels, listUnfinished, openStored, removeModel } from "../../src/store/store";
import type { RunFile, RunReport } from "../helpers/fault-host";
import { faultUrl, json, quickClock } from "../helpers/fault-runs";

const SCHEDULES = inject("schedules");
const PER_TEST = 10;
const signal = new AbortController().signal;

interface Outcome {
  readonly seed: number;
  readonly error: IngleError | undefined;
  readonly report: RunReport;
}

async function runSchedule(seed: number): Promise<Outcome> {
  const published = await json<RunFile[]>(`/${seed}/spec`);
  const files = published.map(({ name, bytes, sha256 }): FileSpec => ({
    name,
    // Half of them as from a listing that has sizes, half as of a bare address.
    pieces: [{ url: faultUrl(`/${seed}/${name}`), ...(seed % 2 === 0 && { bytes }) }],
    digest: { algorithm: "sha256", hex: sha256 },
  }));
  const spec: ModelSpec = { id: `run ${seed}`, name: `Run ${seed}`, files: files as [FileSpec, ...FileSpec[]] };
  let error: IngleError | undefined;
  try {
    await downloadModel(spec, { signal, clock: quickClock });
    await expectPublished(spec.id, published);
  } catch (thrown) {
    if (!(thrown instanceof IngleError)) throw thrown;
    error = thrown;
    // What did not come whole is not handed out at all.
    await expect(openStored(spec.id)).rejects.toMatchObject({ code: "not-stored" });
  }
  await removeModel(spec.id);
  return { seed, error, report: await json<RunReport>(`/${seed}/report`) };
}

async function expectPublished(id: string, published: readonly RunFile[]): Promise<void> {
  const { files } = await openStored(id);
  expect(files.map(({ name, size }) => ({ name, size }))).toEqual(
    published.map(({ name, bytes }) => ({ name, size: bytes })),
  );
  for (const [i, file] of files.entries()) {
    const whole = new Uint8Array(file.size);
    let at = 0;
    for await (const bytes of file.stream(0, file.size, signal)) {
      whole.set(bytes, at);
      at += bytes.length;
    }
    expect(await hashChunk(whole)).toBe(published[i]?.sha256);
  }
}

/** Faults after which a host that knows ranges still has the same file, every byte of it right. */
const HARMLESS: ReadonlySet<string> = new Set([
  "cut",
  "truncate",
  "stall",
  "redirect",
  "status",
  "close",
  "hidden-range",
]);

function judge({ seed, error, report }: Outcome, published: ReadonlyMap<string, number>): void {
  const told = `seed ${seed}: ${error?.message ?? "whole"} ${JSON.stringify(report)}`;
  const faults = Object.keys(report.faulted);
  if (error !== undefined) {
    expect(["source-failed", "checksum-mismatch"], told).toContain(error.code);
    expect(error.message, told).toMatch(/file-\d\.bin/);
  }
  if (faults.length === 0) expect(error, told).toBeUndefined();
  if (!faults.every((fault) => HARMLESS.has(fault))) return;
  expect(error?.code, told).not.toBe("checksum-mismatch");
  expect(report.restarts, told).toBe(0);
  // A break costs what was not a whole chunk yet, of the connections that broke.
  const broken = faults.reduce((sum, fault) => sum + (report.faulted[fault as keyof RunReport["faulted"]] ?? 0), 0);
  for (const [name, sent] of Object.entries(report.sent)) {
    expect(sent, `${told} ${name}`).toBeLessThanOrEqual(
      (published.get(name) ?? 0) + broken * CHUNK_BYTES + CHUNK_BYTES,
    );
  }
}

describe(`${SCHEDULES} schedules of faults`, () => {
  const errors: Record<string, number> = {};
  const faulted: Record<string, number> = {};
  it.each(Array.from({ length: SCHEDULES / PER_TEST }, (_, i) => i * PER_TEST))(
    "from seed %i on",
    { timeout: 120_000 },
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed++) {
        const published = await json<RunFile[]>(`/${seed}/spec`);
        const outcome = await runSchedule(seed);
        judge(outcome, new Map(published.map(({ name, bytes }) => [name, bytes])));
        const end = outcome.error?.code ?? "whole";
        errors[end] = (errors[end] ?? 0) + 1;
        for (const [fault, count] of Object.entries(outcome.report.faulted))
          faulted[fault] = (faulted[fault] ?? 0) + count;
      }
    },
  );

  it("had every fault, came through most, and leaves nothing behind", async () => {
    console.log(JSON.stringify({ errors, faulted }));
    expect(Object.keys(faulted)).toHaveLength(11);
    expect(errors["whole"]).toBeGreaterThan(SCHEDULES * 0.7);
    // One in forty ends so.
    if (SCHEDULES >= 100) expect(errors["source-failed"]).toBeGreaterThan(0);
    expect(await listModels()).toEqual([]);
    expect(await listUnfinished()).toEqual([]);
  });
});
