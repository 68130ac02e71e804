import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { joinSources } from "../../../src/engine/wgsl/formats/joined-source";
import { readBytes } from "../../../src/engine/wgsl/formats/byte-source";
import { openUrl } from "../../../src/engine/wgsl/formats/url-source";
import { MiB, milliseconds } from "../../../src/shared/units";
import { startFaultyServer, type FaultyServer } from "../../helpers/faulty-server";
import { refused } from "../../helpers/refused";

const never = new AbortController().signal;
/** Long enough for several network reads, and not a multiple of anything. */
const bytes = Uint8Array.from({ length: 300_007 }, (_, i) => (i * 31) ^ (i >> 8));

let server: FaultyServer;
beforeAll(async () => {
  server = await startFaultyServer();
});
afterAll(() => server.stop());

async function expectAllRanges(source: ByteSource): Promise<void> {
  expect(source.size).toBe(bytes.length);
  for (const [from, to] of [
    [0, bytes.length],
    [0, 10],
    [7, 7],
    [100_001, 250_000],
    [bytes.length - 1, bytes.length],
  ] as const) {
    expect(Buffer.compare(await readBytes(source, from, to, never), bytes.subarray(from, to)), `${from}-${to}`).toBe(0);
  }
  await expect(readBytes(source, 5, bytes.length + 1, never)).rejects.toMatchObject({ code: "source-failed" });
}

describe("openUrl", () => {
  it.each([
    ["a plain server", {}],
    ["one that ignores Range", { ignoresRange: true }],
    ["one that answers no HEAD", { headStatus: 405 }],
    ["one that says no length, whole and in memory", { hidesLength: true, ignoresRange: true }],
    ["one that compresses", { compresses: true }],
    ["one that redirects", { redirects: true }],
  ])("reads any range from %s", async (_, faults) => {
    const source = await openUrl(server.url("model.gguf?download=true", bytes, faults), never);
    expect(source.name).toBe("model.gguf");
    await expectAllRanges(source);
  });

  it("reads a file of no bytes", async () => {
    const source = await openUrl(server.url("empty", new Uint8Array()), never);
    expect(source.size).toBe(0);
    expect(await readBytes(source, 0, 0, never)).toHaveLength(0);
  });

  it("refuses to guess how long a large file is", async () => {
    const faults = { hidesLength: true, ignoresRange: true };
    const opened = openUrl(server.url("model.gguf", new Uint8Array(33 * MiB), faults), never);
    await expect(opened).rejects.toMatchObject(refused("source-failed", "model.gguf is over 32 MiB"));
  });

  it("asks for no more than the range", async () => {
    const source = await openUrl(server.url("model.gguf", bytes), never);
    await readBytes(source, 10, 20, never);
    expect(server.requests.at(-1)).toMatch(/ bytes=10-19$/);
  });

  it.each([403, 404, 429, 500])("says a status of %i", async (status) => {
    const opened = openUrl(server.url("my%20model.gguf", bytes, { status }), never);
    await expect(opened).rejects.toMatchObject(refused("source-failed", new RegExp(`^my model.gguf: .*${status}`)));
  });

  it("says when there is no server", async () => {
    const opened = openUrl("http://127.0.0.1:1/model.gguf", never);
    await expect(opened).rejects.toMatchObject(refused("source-failed", /^model.gguf could not be reached: .*CORS/));
  });

  it.each(["", "nonsense", "http://%/a.gguf"])("refuses %j for a URL", async (url) => {
    await expect(openUrl(url, never)).rejects.toMatchObject({ code: "source-failed" });
  });

  it("says when a file ends early, after what came of it", async () => {
    const source = await openUrl(server.url("model.gguf", bytes, { truncatesAfter: 1000 }), never);
    let seen = 0;
    const read = async () => {
      for await (const chunk of source.stream(0, bytes.length, never)) seen += chunk.length;
    };
    await expect(read()).rejects.toMatchObject(
      refused("source-failed", /^model.gguf (?:ended early|could not be read): /),
    );
    expect(seen).toBe(1000);
  });

  it.each([0, 1000])("gives up when nothing comes after %i bytes", async (stallsAfter) => {
    const options = { stallAfter: milliseconds(100) };
    const read = async () => {
      const source = await openUrl(server.url("model.gguf", bytes, { stallsAfter }), never, options);
      await readBytes(source, 0, bytes.length, never);
    };
    await expect(read()).rejects.toMatchObject({
      code: "source-failed",
      message: "model.gguf: nothing came for 0.1 s.",
    });
  });

  it("does not count the time its reader takes as a stall", async () => {
    const source = await openUrl(server.url("model.gguf", bytes), never, { stallAfter: milliseconds(200) });
    let seen = 0;
    for await (const chunk of source.stream(0, bytes.length, never)) {
      if (seen === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      seen += chunk.length;
    }
    expect(seen).toBe(bytes.length);
  });

  it("notices a server that sends another range", async () => {
    const source = await openUrl(server.url("model.gguf", bytes, { shiftsRange: 3 }), never);
    await expect(readBytes(source, 10, 20, never)).rejects.toMatchObject({
      code: "source-failed",
      message: "model.gguf: the server sent bytes from 13 on, not from 10.",
    });
  });

  it("stops when told to, while it waits", async () => {
    const controller = new AbortController();
    const opened = openUrl(server.url("model.gguf", bytes, { stallsAfter: 0 }), controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(opened).rejects.toMatchObject({ code: "aborted" });
  });

  it("stops when told to, while it streams", async () => {
    const controller = new AbortController();
    const source = await openUrl(server.url("model.gguf", bytes, { stallsAfter: 1000 }), never);
    const read = async () => {
      for await (const chunk of source.stream(0, bytes.length, controller.signal)) {
        expect(chunk.length).toBeGreaterThan(0);
        setTimeout(() => controller.abort(), 20);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "aborted" });
  });

  it("does not begin when it is stopped already", async () => {
    const asked = server.requests.length;
    await expect(openUrl(server.url("a", bytes), AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    expect(server.requests).toHaveLength(asked);
  });
});

describe("openFile and joinSources", () => {
  it("read any range", async () => {
    const file = openFile(new File([bytes], "model.gguf"));
    expect(file.name).toBe("model.gguf");
    await expectAllRanges(file);
    const cuts = [0, 5, 5, 100_000, 100_001, 250_000, bytes.length];
    const pieces = cuts.slice(1).map((cut, i) => openFile(new Blob([bytes.subarray(cuts[i], cut)]), `piece ${i}`));
    await expectAllRanges(joinSources("whole", pieces));
  });

  it("stop when told to", async () => {
    const joined = joinSources("whole", [openFile(new Blob([bytes]), "piece")]);
    await expect(readBytes(joined, 0, 10, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});
