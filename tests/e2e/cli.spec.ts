/** `npm run check` as a stranger's CI would call it: output and exit status. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isKnown, MEASUREMENT_NAMES, valueOf, type CapabilityReport } from "../../src/probe/report";
import { isFull } from "../helpers/is-full";
import { startScript } from "../helpers/npm-script";
import { expect, test } from "../helpers/test";

test("--json --software prints what navigator.gpu says in that browser", async ({ page, site, run }) => {
  const { status, stdout } = await run("check", "--json", "--software");
  expect(status).toBe(0);
  const report = JSON.parse(stdout) as CapabilityReport;
  await page.goto(site);
  const truth = await page.evaluate(async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) throw new Error("no adapter");
    const limits: Record<string, number> = {};
    for (const name in adapter.limits)
      limits[name] = (adapter.limits as unknown as Record<string, number>)[name] ?? NaN;
    const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter } =
      adapter.info;
    return {
      info: {
        value: { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter },
      },
      features: { value: [...(adapter.features as unknown as Set<string>)].sort() },
      limits: { value: limits },
    };
  });
  expect(report.adapters.highPerformance).toEqual({ value: truth });
});

test("text is for people: verdict, tables, units", async ({ run }) => {
  const { status, stdout, stderr } = await run("check", "--software", "--measure");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Yes, but slowly: only SwiftShader answers/);
  expect(stdout).toMatch(/maxStorageBufferBindingSize +1 GiB \(\+896 MiB, 8 × the default\)/);
  expect(stdout).toMatch(/Memory read bandwidth +[\d.]+ GB\/s/);
  expect(stdout).toMatch(/product q4_0 +right: largest error/);
  expect(stdout).not.toMatch(/undefined|NaN|\[object/);
});

test("--measure --json has every measurement or its reason", async ({ run }) => {
  test.skip(!isFull, "Of what is measured, the text above is enough here: see npm run e2e:full.");
  const { status, stdout } = await run("check", "--software", "--measure", "--json");
  expect(status).toBe(0);
  const { measurements, kernelChecks } = JSON.parse(stdout) as CapabilityReport;
  for (const name of MEASUREMENT_NAMES) expect(isKnown(measurements[name]), name).toBe(name !== "f16Throughput");
  const checks = valueOf(kernelChecks) ?? [];
  expect(checks.map(({ result }) => valueOf(result)?.verdict)).toEqual(checks.map(() => "pass"));
  expect(checks.length).toBeGreaterThan(5);
});

test("requirements: all hold is 0, one that fails is 1 and is named with what was found", async ({ run }) => {
  const holds = await run("check", "--software", "--require=maxStorageBufferBindingSize>=1GiB", "--require=subgroups");
  expect(holds.status).toBe(0);
  expect(holds.stderr).toContain("holds  maxStorageBufferBindingSize>=1GiB: this adapter has 1 GiB");

  const fails = await run("check", "--software", "--json", "--require=shader-f16", "--require=maxBufferSize>1GiB");
  expect(fails.status).toBe(1);
  expect(fails.stderr).toContain("FAILS  shader-f16: this adapter does not have it");
  expect(fails.stderr).toContain("FAILS  maxBufferSize>1GiB: this adapter has 1 GiB");
  JSON.parse(fails.stdout); // the report is there all the same, alone on stdout
});

test("a browser without an adapter is 2, and says why and what to do", async ({ run }) => {
  const { status, stdout, stderr } = await run("check", "--require", "shader-f16");
  expect(status).toBe(2);
  expect(stdout).toMatch(/^No: Chrome \d+ has WebGPU but offers no GPU/);
  expect(stdout).toContain("chrome://flags/#enable-unsafe-webgpu");
  expect(stderr).toContain("FAILS  shader-f16: Chrome");
  expect((await run("check", "--json")).stderr).toContain("No adapter: Chrome");
});

test("what can't be run is 3, and says why", async ({ run, temporaryFolder }) => {
  const notBrowser = join(temporaryFolder, "browser");
  await writeFile(notBrowser, "#!/bin/sh\nexit 7\n", { mode: 0o755 });
  const wrong: readonly [string[], RegExp][] = [
    [["--browser", "/no/such/browser"], /\/no\/such\/browser, which is not a program/],
    [["--browser", notBrowser], /The browser could not be started/],
    [["--browser"], /--browser/],
    [["--require", "maxBufferSize>="], /Can't read the requirement "maxBufferSize>="/],
    [["--require", "maxBufferSizes>=1GiB"], /no limit called maxBufferSizes/],
    [["--frobnicate"], /frobnicate/],
    [["stray"], /stray/],
  ];
  const outcomes = await Promise.all(
    wrong.map(async ([args, says]) => ({ args, says, ...(await run("check", ...args)) })),
  );
  for (const { args, says, status, stdout, stderr } of outcomes) {
    expect(stderr, args.join(" ")).toMatch(says);
    expect(status, args.join(" ")).toBe(3);
    expect(stdout).toBe("");
  }
});

test("INGLE_BROWSER that leads nowhere is said, and nothing is installed instead", async () => {
  const { status, stderr } = await startScript("check", [], { INGLE_BROWSER: "/no/such/browser" }).outcome;
  expect(status).toBe(3);
  expect(stderr).toContain("INGLE_BROWSER names /no/such/browser");
});
