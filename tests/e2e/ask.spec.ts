/** `npm run ask` from the shell: output, exit status, and what Ctrl-C leaves behind. */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syntheticGguf } from "../../scripts/synthetic/gguf";
import { writeSyntheticGguf } from "../../scripts/synthetic/write";
import { isFull } from "../helpers/is-full";
import type { Script } from "../helpers/npm-script";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 180_000 }); // a busy machine takes its time

test("only the answer goes to stdout", async ({ run }) => {
  const { status, stdout, stderr } = await run(
    "ask",
    "--software",
    "--temperature=0",
    "--context=256",
    "What is the capital of France?",
  );
  expect(stdout).toMatch(/^[^\n]*Paris[^\n]*\n$/);
  expect(stderr).toContain("SmolLM2-135M-Instruct on google swiftshader");
  expect(stderr).toMatch(/\d+ tokens in, \d+ out; first after [\d.]+ s; prefill [\d.]+ tokens\/s/);
  expect(status).toBe(0);
});

test("--model takes a file from this disk, wherever it is", async ({ run, temporaryFolder }) => {
  const path = join(temporaryFolder, "made up é#1.gguf");
  writeSyntheticGguf(path, syntheticGguf("tiny-qwen2", { mix: "q4_0" }));
  const { status, stdout, stderr } = await run(
    "ask",
    "--software",
    "--model",
    path,
    "--max-tokens=4",
    "--seed=3",
    "Hi",
  );
  expect(stderr).toMatch(/tokens in, 4 out; .*seed 3/);
  expect(stdout).toMatch(/\n$/);
  expect(status).toBe(0);
});

test("a model that can't be loaded is 1, in a sentence", async ({ run, temporaryFolder }) => {
  const path = join(temporaryFolder, "broken.gguf");
  const whole = [...syntheticGguf("tiny-qwen2", { mix: "q4_0" }).stream(0, 2000)];
  await writeFile(path, Buffer.concat(whole).subarray(0, 2000));
  const { status, stdout, stderr } = await run("ask", "--software", "--model", path, "Hi");
  expect(stderr).toMatch(/broken\.gguf/);
  expect(stderr).not.toMatch(/page\.evaluate|\n +at /);
  expect(stdout).toBe("");
  expect(status).toBe(1);
});

test("no adapter is 2, and says what to do", async ({ run }) => {
  const { status, stdout, stderr } = await run("ask", "Hi");
  expect(stderr).toMatch(/offers no GPU\. Try --software/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

const WRONG: readonly (readonly [Script, readonly string[], RegExp])[] = [
  ["ask", [], /There is no question/],
  ["ask", ["--model", "/no/such/model.gguf", "Hi"], /--model \/no\/such\/model\.gguf: there is no such file or folder/],
  ["ask", ["--seed", "x", "Hi"], /--seed "x": it can be a whole number from 0 to 4294967295/],
  ["ask", ["--max-tokens", "0", "Hi"], /--max-tokens "0": it can be a whole number from 1 /],
  ["ask", ["--model", "", "Hi"], /--model is empty/],
  ["ask", ["--frobnicate", "Hi"], /frobnicate/],
  ["ask", ["--browser", "/no/such/browser", "Hi"], /\/no\/such\/browser, which is not a program/],
  ["bench", ["--shape", "gpt-5"], /--shape gpt-5: there are qwen2\.5-0\.5b, /],
  ["bench", ["--shape", "tiny-qwen2", "--mix", "q1"], /--mix q1: there are q4_0, /],
  ["bench", ["--mix", "q4_0"], /--mix is of a --shape/],
  ["bench", ["stray"], /stray/],
];

/** A process of npm's each: some of them are enough for every run, and `npm run e2e:full` takes all. */
const TRIED = isFull ? WRONG : WRONG.filter((_, i) => i % 3 === 0);

test("what can't be run is 3, and says why", async ({ run }) => {
  const outcomes = await Promise.all(
    TRIED.map(async ([script, args, says]) => ({ args, says, ...(await run(script, ...args)) })),
  );
  for (const { args, says, status, stdout, stderr } of outcomes) {
    expect(stderr, args.join(" ")).toMatch(says);
    expect(status, args.join(" ")).toBe(3);
    expect(stdout).toBe("");
  }
});

test("Ctrl-C leaves no browser behind", async ({ start }) => {
  test.skip(!existsSync("/proc/self/cmdline"), "This system does not list its processes there.");
  const mark = `--ingle-mark=${process.pid}-${Date.now()}`;
  const { child, outcome, told } = start("ask", "--software", `--browser-arg=${mark}`, "Tell me a long story.");
  await expect.poll(told, { timeout: 60_000 }).toContain("Loading");
  expect((await processesWith(mark)).length).toBeGreaterThan(2);
  process.kill(-(child.pid ?? NaN), "SIGINT");
  await outcome;
  await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([]);
});

/** Command lines of the processes that have such an argument, or hand one on. */
async function processesWith(argument: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(argument));
}
