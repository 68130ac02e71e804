/** Runs of the script as processes: killed, two at once, stopped while another takes over. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { standInModel } from "../fixtures/stand-in-model";
import type { StarterRun } from "../fixtures/starter-run";
import { ModelHost, type Fault } from "../helpers/model-host";

vi.setConfig({ testTimeout: 30_000 }); // a busy machine takes its time

const SCRIPT = fileURLToPath(new URL("../fixtures/starter-run.ts", import.meta.url));
const { content, pin } = standInModel();
const HELD: Fault = { kind: "held", after: 100_000 };

interface Run {
  readonly child: ChildProcess;
  /** Until now, on stderr. */
  readonly said: () => string;
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
}

let folder: string;
let host: ModelHost;
let children: ChildProcess[];

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), "ingle-starter-")), "starter");
  host = await new ModelHost(content).start();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await host.stop();
  rmSync(join(folder, ".."), { recursive: true });
});

function run(options: Partial<StarterRun> = {}): Run {
  const told: StarterRun = { folder, endpoint: host.url, pin, ...options };
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, JSON.stringify(told)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += String(data)));
  child.stderr.on("data", (data) => (stderr += String(data)));
  const ended = new Promise<Awaited<Run["ended"]>>((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return { child, said: () => stderr, ended };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Bytes of the longest beginning there is. */
function begun(): number {
  try {
    const parts = readdirSync(folder).filter((name) => name.endsWith(".part"));
    return Math.max(0, ...parts.map((name) => statSync(join(folder, name)).size));
  } catch {
    return 0;
  }
}

function expectWhole(): void {
  expect(readFileSync(join(folder, pin.file)).equals(content)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["LICENSE", "NOTICE", "origin.json", pin.file]);
}

const FETCHED = expect.stringContaining('"whole":true,"from":') as string;

describe("a run", () => {
  it("that is killed in the middle is gone on from by the next", async () => {
    host.faults = [HELD];
    const killed = run();
    await until(() => begun() === 100_000);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(readdirSync(folder)).toContain("lock");

    const next = await run().ended;
    expect(next).toMatchObject({ status: 0, stdout: FETCHED });
    expect(next.stderr).toContain("Going on from 97.7 KiB, which an earlier run left.");
    expect(host.asked[1]?.range).toBe("bytes=100000-");
    expectWhole();
  });

  it("waits for one that is at it, and one download serves both", async () => {
    host.faults = [HELD];
    const first = run();
    await until(() => begun() === 100_000);
    const second = run();
    await until(() => second.said().includes("Another run is fetching the starter model; waiting for it."));
    host.release();
    expect(await first.ended).toMatchObject({ status: 0, stdout: FETCHED });
    expect(await second.ended).toMatchObject({ status: 0, stdout: '{"whole":true}\n' });
    expect(host.asked).toHaveLength(1);
    expectWhole();
  });

  it("that starts at the same moment as others leaves one right file", async () => {
    const ended = await Promise.all([run(), run(), run()].map(({ ended }) => ended));
    for (const { status, stdout } of ended) {
      expect(status).toBe(0);
      expect(stdout).toContain('"whole":true');
    }
    expectWhole();
  });

  it.skipIf(process.platform === "win32")("that is stopped is taken over, and does no harm when it wakes", async () => {
    host.faults = [HELD, { kind: "held", after: 10_000 }];
    const stopped = run();
    await until(() => begun() === 100_000);
    stopped.child.kill("SIGSTOP");
    const second = run({ stale: 1500 }); // past a beat, so that one that runs is not taken over
    await until(() => begun() === 110_000);
    stopped.child.kill("SIGCONT");
    host.release();
    expect(await second.ended).toMatchObject({ status: 0, stdout: FETCHED });
    expect((await stopped.ended).stdout).toContain('"whole":true');
    expectWhole();
  });

  it("takes a lock whose holder is gone, at once or when it has been still for long", async () => {
    mkdirSync(folder);
    const lock = join(folder, "lock");
    const gone = run();
    await gone.ended;
    rmSync(join(folder, pin.file));

    writeFileSync(lock, JSON.stringify({ token: "a", pid: gone.child.pid, host: hostname() }));
    expect(await run({ stale: 3_600_000 }).ended).toMatchObject({ status: 0, stdout: FETCHED });
    for (const holder of [JSON.stringify({ token: "b", pid: process.pid, host: "elsewhere" }), '{"tok', ""]) {
      rmSync(join(folder, pin.file));
      writeFileSync(lock, holder);
      utimesSync(lock, new Date(0), new Date(0));
      expect(await run().ended).toMatchObject({ status: 0, stdout: FETCHED });
      expectWhole();
    }
  });
});
