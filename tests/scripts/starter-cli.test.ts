/** `npm run starter`: exit status and words; and how far a download is, on a terminal and in a log. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runStarter } from "../../scripts/starter/cli";
import { showProgress } from "../../scripts/starter/progress";
import { standInModel } from "../fixtures/stand-in-model";
import { ModelHost } from "../helpers/model-host";

vi.setConfig({ testTimeout: 30_000 }); // a busy machine takes its time

const { content, pin } = standInModel();

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ingle-starter-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

class Output {
  text = "";
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

async function starter(args: string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new Output(), new Output()];
  const status = await runStarter(args, { env, stdout, stderr, folder: join(root, "starter"), pin });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

describe("npm run starter", () => {
  it("takes the file from --from, then is done at once", async () => {
    const from = join(root, "model.gguf");
    writeFileSync(from, content);
    const first = await starter(["--from", from]);
    expect(first.status).toBe(0);
    expect(first.stdout).toBe(`Starter model: Stand-in, fetched from ${from}, in ${join(root, "starter")}\n`);
    expect(await starter([])).toEqual({
      status: 0,
      stdout: `Starter model: Stand-in, in ${join(root, "starter")}\n`,
      stderr: "",
    });
  });

  it("asks nobody where it is optional and the page takes it from elsewhere", async () => {
    const elsewhere = { VITE_STARTER_FROM: "https://cdn.example.org/starter/", HF_ENDPOINT: "http://127.0.0.1:1" };
    const optional = await starter(["--optional"], elsewhere);
    expect(optional.status).toBe(0);
    expect(optional.stdout).toContain("not fetched, as the page has it come from https://cdn.example.org/starter/");
  });

  it("asks nobody else when --from leads nowhere; 1, or 0 where it is optional; says what to do", async () => {
    const host = await new ModelHost(content).start();
    const env = { HF_ENDPOINT: host.url };
    const { status, stdout, stderr } = await starter(["--from", join(root, "nowhere")], env);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(`There is nothing at ${join(root, "nowhere")}.`);
    expect(stderr).toContain("The starter model is missing; no source had it:");
    expect(stderr).toContain("npm run starter -- --from PATH");
    const optional = await starter(["--optional", "--from", join(root, "nowhere")], env);
    expect(optional.status).toBe(0);
    expect(optional.stderr).toContain("Ingle goes on without it.");
    expect(host.paths).toEqual([]);
    await host.stop();
  });

  it("looks at INGLE_STARTER first, then at Hugging Face, where HF_ENDPOINT says", async () => {
    const host = await new ModelHost(content).start();
    const env = { INGLE_STARTER: join(root, "nowhere"), HF_ENDPOINT: `${host.url}/` };
    const { status, stdout, stderr } = await starter([], env);
    expect(status).toBe(0);
    expect(stderr).toContain(`There is nothing at ${join(root, "nowhere")}.`);
    expect(stdout).toContain("fetched from");
    expect(host.asked).toHaveLength(1);

    const given = join(root, "model.gguf");
    writeFileSync(given, content);
    expect((await starter(["--force"], { ...env, INGLE_STARTER: given })).stdout).toContain(`fetched from ${given}`);
    expect(host.asked).toHaveLength(1);
    await host.stop();
  });

  it("ends with 2 on wrong arguments, and with 0 when asked how it is used", async () => {
    for (const args of [["--from"], ["--frobnicate"], ["stray"]]) {
      const { status, stderr } = await starter(args);
      expect(status).toBe(2);
      expect(stderr).toContain("Usage: npm run starter");
    }
    const help = await starter(["--help"]);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain("--from PATH");
  });
});

describe("progress", () => {
  it("is one line that rewrites itself on a terminal, five times a second at most", () => {
    const output = new Output(true);
    let now = 0;
    const progress = showProgress(output, () => now);
    progress.pause();
    for (; now <= 1000; now += 50) progress.at(now * 100, 200_000);
    progress.at(250_000, 200_000);
    progress.pause();
    progress.pause();
    const shown = output.text.split("\r");
    expect(shown).toHaveLength(1 + 6 + 1);
    expect(shown.at(-1)).toBe("100 %  195 KiB of 195 KiB\u001b[K\n");
  });

  it("is a line for each tenth in a log", () => {
    const output = new Output();
    const progress = showProgress(output);
    for (let bytes = 0; bytes <= 1000; bytes += 10) progress.at(bytes, 1000);
    expect(output.text.trimEnd().split("\n")).toHaveLength(10);
    expect(output.text).toMatch(/^ 10 %  100 B of 1,000 B\n/);
  });
});
