/** Hosts that answer with what no host should: each ends in a sentence that names the file, and nothing is listed. */
import { expect, it } from "vitest";
import { downloadModel, listModels, removeModel } from "../../src/store/store";
import { faultUrl, quickClock } from "../helpers/fault-runs";
import { refused } from "../helpers/refused";

const signal = new AbortController().signal;
it.each([
  ["sign-in", "source-failed", /^m\.gguf: a web page came in its place\. Sign in to the network/],
  ["loop", "source-failed", /^m\.gguf could not be reached/],
  ["other-range", "source-failed", /^m\.gguf: the server sent bytes from 7 on, not from 0\.$/],
  ["petabyte", "source-failed", /^m\.gguf/],
  ["negative-range", "checksum-mismatch", /^m\.gguf is not what its publisher says/],
  ["no-content", "source-failed", /^m\.gguf: the server answered 204 No Content\.$/],
  ["odd-status", "source-failed", /^m\.gguf: the server answered 299/],
] as const)("%s", async (answer, code, problem) => {
  const url = faultUrl(`/odd/${answer}`);
  const digest = { algorithm: "sha256", hex: "0".repeat(64) } as const;
  const spec = { id: answer, name: "Odd", files: [{ name: "m.gguf", pieces: [{ url }], digest }] } as const;
  await expect(downloadModel(spec, { signal, clock: quickClock })).rejects.toMatchObject(refused(code, problem));
  expect(await listModels()).toEqual([]);
  await removeModel(answer);
});
