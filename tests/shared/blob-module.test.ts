import { afterEach, describe, expect, it, vi } from "vitest";
import { blobModule } from "../../src/shared/blob-module";
import { stubBlobUrls } from "../worker/fake-worker";

afterEach(() => void vi.restoreAllMocks());

describe("blobModule", () => {
  it("is a module that imports the real one, by its whole address", async () => {
    const { made } = stubBlobUrls();
    const { url } = blobModule(new URL("https://example.org/ingle/worker.js?v=1"));
    const blob = made.get(url);
    expect(blob?.type).toBe("text/javascript");
    expect(await blob?.text()).toBe('import "https://example.org/ingle/worker.js?v=1";');
  });

  it("stays one import, whatever the address holds", async () => {
    const { made } = stubBlobUrls();
    const { url } = blobModule(new URL(`https://example.org/a"b\\c\n'd?";alert(1);"`));
    const source = (await made.get(url)?.text()) ?? "";
    const [, quoted = ""] = /^import (".*");$/s.exec(source) ?? [];
    expect(new URL(JSON.parse(quoted) as string).origin).toBe("https://example.org");
  });

  it("keeps its URL until it is given back", () => {
    const { revoked } = stubBlobUrls();
    const script = blobModule(new URL("https://example.org/worker.js"));
    expect(revoked).toEqual([]);
    script.revoke();
    expect(revoked).toEqual([script.url]);
  });
});
