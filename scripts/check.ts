/**
 * `npm run check`: opens the built page in a real browser, headless, and prints the report it makes there.
 * Exit status: 0 every requirement holds, 1 one fails, 2 no adapter, 3 the browser could not be started or the
 * arguments are wrong. The report goes to stdout, everything else to stderr.
 */
import { parseArgs } from "node:util";
import { chromium, type Browser } from "playwright";
import type { CapabilityReport } from "../src/probe/report";
import { checkRequirement, parseRequirement, type Requirement } from "../src/probe/requirement";
import { reportAsText } from "../src/probe/text";
import { judge } from "../src/probe/verdict";
import { messageOf } from "../src/shared/errors";
import type { IngleApp } from "../src/ui/ingle-app";
import { canSandbox, ensureBrowser, QUIET_FLAGS, requireExecutable, SOFTWARE_ADAPTER_FLAGS } from "./browser";
import { servePage } from "./serve";

const USAGE = `Usage: npm run check -- [options]
  --json             print the report as JSON (with npm's own lines off: npm run -s check -- --json)
  --measure          measure speed and check the kernels, too (about ten seconds)
  --browser PATH     a Chrome, Edge or Chromium to use; INGLE_BROWSER does the same
  --browser-arg ARG  a further flag for it, such as --browser-arg=--enable-unsafe-webgpu; may be repeated
  --software         use SwiftShader, an adapter computed on the processor
  --require EXPR     a feature (shader-f16) or a bound on a limit (maxStorageBufferBindingSize>=1GiB;
                     >=, <=, ==, >, <; B, KiB, MiB, GiB) that must hold; may be repeated
Exit status: 0 all hold, 1 a requirement fails, 2 no adapter, 3 no browser or wrong arguments.`;

const EXIT = { ok: 0, requirementFails: 1, noAdapter: 2, cannotRun: 3 } as const;

const START_LIMIT_MS = 60_000;
const REPORT_LIMIT_MS = 30_000;
const MEASURE_LIMIT_MS = 180_000;

interface Options {
  readonly json: boolean;
  readonly measure: boolean;
  readonly software: boolean;
  readonly help: boolean;
  readonly browser: string | undefined;
  readonly browserArgs: readonly string[];
  readonly requirements: readonly Requirement[];
}

/** @throws on arguments that are not as USAGE says. */
function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      measure: { type: "boolean", default: false },
      software: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      browser: { type: "string" },
      "browser-arg": { type: "string", multiple: true, default: [] },
      require: { type: "string", multiple: true, default: [] },
    },
  });
  return {
    json: values.json,
    measure: values.measure,
    software: values.software,
    help: values.help,
    browser: values.browser,
    browserArgs: values["browser-arg"],
    requirements: values.require.map(parseRequirement),
  };
}

async function start({ browser, software, browserArgs }: Options): Promise<Browser> {
  const executablePath =
    browser === undefined ? ensureBrowser((line) => console.error(line)) : requireExecutable(browser, "--browser");
  return chromium.launch({
    executablePath,
    chromiumSandbox: canSandbox,
    timeout: START_LIMIT_MS,
    args: [...QUIET_FLAGS, ...(software ? SOFTWARE_ADAPTER_FLAGS : []), ...browserArgs],
  });
}

async function makeReport(browser: Browser, { measure }: Options): Promise<CapabilityReport> {
  const server = await servePage();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(REPORT_LIMIT_MS);
    await page.goto(`${server.url}#/check`);
    const making = page.evaluate(async (measure) => {
      await customElements.whenDefined("ingle-app");
      const app = document.querySelector<IngleApp>("ingle-app");
      if (app === null) throw new Error("The page has no ingle-app.");
      return app.report({ measure });
    }, measure);
    return await withinLimit(making, measure ? MEASURE_LIMIT_MS : REPORT_LIMIT_MS);
  } finally {
    await server.close();
  }
}

async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The page made no report within ${limitMs / 1000} s.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Says how each requirement stands. @returns whether all hold. */
function checkAll(requirements: readonly Requirement[], report: CapabilityReport): boolean {
  const outcomes = requirements.map((requirement) => checkRequirement(requirement, report.adapters.highPerformance));
  for (const { requirement, holds, found } of outcomes) {
    console.error(`${holds ? "holds" : "FAILS"}  ${requirement.text}: ${found}`);
  }
  return outcomes.every(({ holds }) => holds);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return EXIT.cannotRun;
  }
  if (options.help) {
    console.log(USAGE);
    return EXIT.ok;
  }

  let browser: Browser;
  try {
    browser = await start(options);
  } catch (error) {
    // Playwright's message goes on with the whole command line and log; the cause is in its first line.
    console.error(`The browser could not be started. ${messageOf(error).split("\n")[0] ?? ""}`);
    return EXIT.cannotRun;
  }
  try {
    const report = await makeReport(browser, options);
    console.log(options.json ? JSON.stringify(report, null, 2) : reportAsText(report));
    const allHold = checkAll(options.requirements, report);
    if (!("value" in report.webgpu)) {
      const { message, remedy = "" } = report.webgpu.reason;
      if (judge(report).level === "unknown") {
        console.error(`Whether WebGPU works could not be found out. ${message}`);
        return EXIT.cannotRun;
      }
      if (options.json) console.error(`No adapter: ${message} ${remedy}`.trim()); // the text has begun with it
      return EXIT.noAdapter;
    }
    return allHold ? EXIT.ok : EXIT.requirementFails;
  } catch (error) {
    console.error(`The check could not be run in this browser. ${messageOf(error)}`);
    return EXIT.cannotRun;
  } finally {
    await browser.close();
  }
}

process.exitCode = await main();
