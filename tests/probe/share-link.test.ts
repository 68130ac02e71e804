import { describe, expect, it } from "vitest";
import { readReport } from "../../src/probe/read-report";
import { packReport, unpackReport } from "../../src/probe/share-link";
import { IngleError } from "../../src/shared/errors";
import { makeReport } from "../fixtures/make-report";

/** Payloads as a stranger would make them, by other code than Ingle's. */
async function craft(bytes: Uint8Array<ArrayBuffer>, format: CompressionFormat = "deflate"): Promise<string> {
  const packed = new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream(format)));
  return `1.${Buffer.from(await packed.arrayBuffer()).toString("base64url")}`;
}
const craftText = (text: string) => craft(new TextEncoder().encode(text));

async function refusal(payload: string): Promise<IngleError> {
  const thrown: unknown = await unpackReport(payload).then(
    () => new Error("It was opened."),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(IngleError);
  expect((thrown as IngleError).code).toBe("link-broken");
  return thrown as IngleError;
}

describe("a link", () => {
  it("gives the report back", async () => {
    expect(readReport(await unpackReport(await packReport(makeReport())))).toEqual(makeReport());
  });

  it("needs no escaping in a URL and stays short", async () => {
    const payload = await packReport(makeReport());
    expect(payload).toMatch(/^1\.[\w-]+$/);
    expect(payload.length).toBeLessThan(4000);
    expect(new URL(`https://example.org/#${payload}`).hash).toBe(`#${payload}`);
  });

  it.each([[null], [[]], ["\u00e4\u{1f525}\u2028"], [{ a: "x".repeat(100_000) }]])(
    "carries %.30j as it is",
    async (json: unknown) => {
      expect(await unpackReport(await packReport(json))).toEqual(json);
    },
  );
});

describe("a broken link is refused:", () => {
  it.each([
    ["", "does not carry a report"],
    ["hello", "does not carry a report"],
    ["1", "does not carry a report"],
    ["x1.abc", "does not carry a report"],
    ["2.abc", "newer Ingle"],
    ["10.abc", "newer Ingle"],
    ["1.", "missing or changed"],
    ["1.!!!!", "missing or changed"],
    ["1.AAAA=A", "missing or changed"],
    ["1.\u00e4\u00e4", "missing or changed"],
    ["1.AAAA", "missing or changed"],
  ])("%j", async (payload, words) => {
    expect((await refusal(payload)).message).toContain(words);
  });

  it("cut off anywhere", async () => {
    const payload = await packReport(makeReport());
    for (let length = 0; length < payload.length; length++) await refusal(payload.slice(0, length));
  });

  it("with a single character changed, unless it means the same", async () => {
    const payload = await packReport(makeReport());
    const whole = JSON.stringify(makeReport());
    const unnoticed: number[] = [];
    for (let at = 2; at < payload.length; at++) {
      const other = payload[at] === "A" ? "B" : "A";
      const changed = payload.slice(0, at) + other + payload.slice(at + 1);
      const opened = await unpackReport(changed).catch((thrown: unknown) => thrown);
      if (opened instanceof IngleError) continue;
      if (JSON.stringify(opened) !== whole) unnoticed.push(at);
    }
    expect(unnoticed).toEqual([]);
  });

  it("with its middle missing or doubled", async () => {
    const payload = await packReport(makeReport());
    await refusal(payload.slice(0, 300) + payload.slice(400));
    await refusal(payload.slice(0, 300) + payload.slice(200));
  });

  it("unpacked with something that is not text", async () => {
    const error = await refusal(await craft(Uint8Array.from([0x22, 0xff, 0xfe, 0xc0, 0x22])));
    expect(error.message).toContain("missing or changed");
  });

  it.each(["", "{", "undefined", "{'a':1}", "1 2"])("unpacked with %j, which is no JSON", async (text) => {
    await refusal(await craftText(text));
  });

  it("packed in another way", async () => {
    const json = new TextEncoder().encode(JSON.stringify(makeReport()));
    await refusal(await craft(json, "gzip"));
  });
});

describe("a hostile link", () => {
  it("that unpacks to 40 MiB is stopped long before", async () => {
    const bomb = await craft(new Uint8Array(40 * 2 ** 20).fill(0x20));
    expect(bomb.length).toBeLessThan(64 * 1024);
    const started = performance.now();
    expect((await refusal(bomb)).message).toContain("more than any report");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("just past what a report may hold is refused, and just within is opened", async () => {
    const limit = 512 * 1024;
    expect(await unpackReport(await craftText(`${" ".repeat(limit - 2)}{}`))).toEqual({});
    expect((await refusal(await craftText(`${" ".repeat(limit - 1)}{}`))).message).toContain("more than any report");
  });

  it("of 10 MB is refused by its length alone", async () => {
    const started = performance.now();
    expect((await refusal(`1.${"A".repeat(10 * 2 ** 20)}`)).message).toContain("longer than any report");
    expect(performance.now() - started).toBeLessThan(200);
  });

  it("with __proto__ in it changes nobody's prototype", async () => {
    const opened = await unpackReport(await craftText('{"__proto__":{"polluted":true}}'));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(() => readReport(opened)).toThrow(IngleError);
  });

  it("nested without end opens or is refused, and then is no report", async () => {
    const opened = await unpackReport(await craftText("[".repeat(200_000) + "]".repeat(200_000))).catch(
      (thrown: unknown) => thrown,
    );
    expect(() => readReport(opened)).toThrow(IngleError);
  });
});
