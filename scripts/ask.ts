/**
 * `npm run ask -- "question"`: the same engine as on the page, in a headless browser; the answer streams to stdout,
 * everything else goes to stderr.
 */
import { parseArgs } from "node:util";
import type { GenerateEvent, Usage } from "../src/engine/engine";
import { SAMPLING_RANGES } from "../src/engine/wgsl/generate/sampling";
import { messageOf } from "../src/shared/errors";
import { formatNumber } from "../src/shared/units";
import { BrowserMissingError } from "./browser";
import { BrowserFailedError, NoAdapterError, withEnginePage, type EnginePage } from "./engine/engine-page";
import { printable } from "./printable";
import { parseSource, serveModel, type ServedModel } from "./engine/model-argument";

const USAGE = `Usage: npm run ask -- "question" [options]
  --model MODEL      a GGUF file or an MLC folder on this computer, or the URL of one; by default the starter
  --system TEXT      a system prompt
  --max-tokens N     the reply ends here at the latest
  --temperature T    0 is always the likeliest token
  --seed N           the same seed gives the same answer on the same GPU
  --context N        tokens that prompt and reply may have together
  --browser PATH     a Chrome, Edge or Chromium to use; INGLE_BROWSER does the same
  --browser-arg ARG  a further flag for it; may be repeated
  --software         use SwiftShader, an adapter computed on the processor
Only the answer goes to stdout (npm's own lines off: npm run -s ask -- "question").
Exit status: 0 answered, 1 not answered, 2 no adapter, 3 no browser or wrong arguments.`;

const EXIT = { answered: 0, failed: 1, noAdapter: 2, cannotRun: 3 } as const;

/** What can be told wrong before a model is loaded. */
const NUMBERS = {
  "max-tokens": { least: 1, most: 2 ** 31, isWhole: true },
  temperature: SAMPLING_RANGES.temperature,
  seed: SAMPLING_RANGES.seed,
  context: { least: 4, most: 2 ** 31, isWhole: true },
} as const;

/** @throws on arguments that are not as USAGE says. */
function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: "string" },
      system: { type: "string" },
      "max-tokens": { type: "string" },
      temperature: { type: "string" },
      seed: { type: "string" },
      context: { type: "string" },
      browser: { type: "string" },
      "browser-arg": { type: "string", multiple: true, default: [] },
      software: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const number = (name: keyof typeof NUMBERS) => {
    const text = values[name];
    if (text === undefined) return undefined;
    const { least, most, isWhole } = NUMBERS[name];
    const value = text.trim() === "" ? NaN : Number(text);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new Error(`--${name} "${text}": it can be ${isWhole ? "a whole number " : ""}from ${least} to ${most}.`);
  };
  return {
    ...values,
    source: parseSource(values.model),
    question: positionals.join(" "),
    maxTokens: number("max-tokens"),
    temperature: number("temperature"),
    seed: number("seed"),
    contextLength: number("context"),
  };
}

function tell(usage: Usage): void {
  const rate = (value: number | undefined) => (value === undefined ? "–" : formatNumber(value));
  console.error(
    `\n${usage.promptTokens} tokens in, ${usage.completionTokens} out; first after ` +
      `${formatNumber(usage.timeToFirstTokenMs / 1000)} s; prefill ${rate(usage.prefillTokensPerSecond)} tokens/s, ` +
      `decode ${rate(usage.decodeTokensPerSecond)} tokens/s; seed ${usage.seed}`,
  );
}

async function ask(
  page: EnginePage,
  source: ServedModel["source"],
  options: ReturnType<typeof readOptions>,
): Promise<void> {
  console.error(`Loading ${options.model ?? "the starter model"} …`);
  const info = await page.model.load(source, options.contextLength);
  console.error(`${printable(info.name)} on ${page.adapter}`);
  const { system, question, maxTokens, temperature, seed } = options;
  const messages = [
    ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
    { role: "user" as const, content: question },
  ];
  const sampling = { ...(temperature !== undefined && { temperature }), ...(seed !== undefined && { seed }) };
  const request = { input: { messages }, sampling, ...(maxTokens !== undefined && { maxTokens }) };
  await page.model.generate(request, (event: GenerateEvent) => {
    if (event.type === "text") process.stdout.write(process.stdout.isTTY ? printable(event.text) : event.text);
    if (event.type === "end") {
      process.stdout.write("\n");
      tell(event.usage);
      if (event.finishReason === "context") console.error("The context is full: the reply was cut off there.");
    }
  });
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
    if (!options.help && options.question.trim() === "") throw new Error("There is no question.");
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return EXIT.cannotRun;
  }
  if (options.help) {
    console.log(USAGE);
    return EXIT.answered;
  }
  try {
    await withEnginePage(
      options,
      () => serveModel(options.source),
      (page, source) => ask(page, source, options),
    );
    return EXIT.answered;
  } catch (error) {
    console.error(printable(messageOf(error)));
    if (error instanceof NoAdapterError) return EXIT.noAdapter;
    return error instanceof BrowserMissingError || error instanceof BrowserFailedError ? EXIT.cannotRun : EXIT.failed;
  }
}

// Whoever read the answer has enough of it (`| head`): the browser ends with this process.
process.stdout.on("error", () => process.exit(EXIT.failed));
process.exitCode = await main();
