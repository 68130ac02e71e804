/**
 * `npm run bench`: how fast a model runs on this machine's GPU and what it costs, measured in the built page in a real
 * browser. The figures go to stdout, everything else to stderr.
 */
import { parseArgs } from "node:util";
import { messageOf } from "../src/shared/errors";
import { MIXES, type Mix } from "./synthetic/mixes";
import { SHAPES, type ShapeName } from "./synthetic/shapes";
import { broken } from "./bench/figures";
import { measureAll } from "./bench/measure";
import { serveSynthetic } from "./bench/synthetic-host";
import { reportAsTable } from "./bench/table";
import { BrowserMissingError } from "./browser";
import { BrowserFailedError, NoAdapterError, withEnginePage } from "./engine/engine-page";
import { printable } from "./printable";
import { parseSource, serveModel } from "./engine/model-argument";

const USAGE = `Usage: npm run bench -- [options]
  --model MODEL      a GGUF file or an MLC folder on this computer, or the URL of one; by default the starter
  --shape NAME       a model of made-up weights instead: ${Object.keys(SHAPES).join(", ")}
  --mix NAME         its weights' types: ${MIXES.join(", ")}; by default q4_0
  --quick            fewer runs, and no context past 512
  --json             print the figures as JSON (with npm's own lines off: npm run -s bench -- --json)
  --browser PATH     a Chrome, Edge or Chromium to use; INGLE_BROWSER does the same
  --browser-arg ARG  a further flag for it; may be repeated
  --software         use SwiftShader, an adapter computed on the processor
Exit status: 0 measured, and what is the same on every machine (calls and objects per token, memory) keeps its bounds;
1 such a bound is missed, or the model could not be run; 2 no adapter; 3 no browser or wrong arguments.`;

const EXIT = { ok: 0, failed: 1, noAdapter: 2, cannotRun: 3 } as const;

/** @throws on arguments that are not as USAGE says. */
function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: "string" },
      shape: { type: "string" },
      mix: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      browser: { type: "string" },
      "browser-arg": { type: "string", multiple: true, default: [] },
      software: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { shape, mix, model, ...rest } = values;
  if (shape !== undefined && model !== undefined) throw new Error("--model and --shape exclude each other.");
  if (shape === undefined && mix !== undefined) throw new Error("--mix is of a --shape.");
  const synthetic = shape === undefined ? undefined : { shape: shapeNamed(shape), mix: mixNamed(mix ?? "q4_0") };
  return { ...rest, model: parseSource(model), synthetic };
}

function shapeNamed(text: string): ShapeName {
  if (Object.hasOwn(SHAPES, text)) return text as ShapeName;
  throw new Error(`--shape ${text}: there are ${Object.keys(SHAPES).join(", ")}.`);
}

function mixNamed(text: string): Mix {
  const found = MIXES.find((mix) => mix === text);
  if (found !== undefined) return found;
  throw new Error(`--mix ${text}: there are ${MIXES.join(", ")}.`);
}

async function bench({ model, synthetic, quick, json, ...browser }: ReturnType<typeof readOptions>): Promise<number> {
  const serve = () => (synthetic ? serveMadeUp(synthetic) : serveModel(model));
  return withEnginePage(browser, serve, async (page, source) => {
    const report = await measureAll(page, { source, quick, say: (line) => console.error(line) });
    console.log(json ? JSON.stringify(report, null, 2) : reportAsTable(report));
    const missed = broken(report);
    for (const { label, value, bound } of missed) console.error(`MISSED  ${label}: ${value}, ${bound?.text ?? ""}`);
    return missed.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

async function serveMadeUp({ shape, mix }: { readonly shape: ShapeName; readonly mix: Mix }) {
  const { url, close } = await serveSynthetic(shape, mix);
  return { source: { kind: "url" as const, url }, close };
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
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
  try {
    return await bench(options);
  } catch (error) {
    console.error(printable(messageOf(error)));
    if (error instanceof NoAdapterError) return EXIT.noAdapter;
    return error instanceof BrowserMissingError || error instanceof BrowserFailedError ? EXIT.cannotRun : EXIT.failed;
  }
}

process.exitCode = await main();
