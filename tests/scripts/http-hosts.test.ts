/** The build option for hosts without encryption: what is in it goes into the gate and is taken as a model's host. */
import { afterEach, expect, it, vi } from "vitest";
import { bundleGate } from "../../scripts/bundle-gate";

const OPTION = "http://models.intern:8080  http://10.0.0.7 https://no.example http://bad.example/;script-src ftp://x";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

it("lets the built gate reach them, and nothing else that was in it", async () => {
  vi.stubEnv("VITE_HTTP_HOSTS", OPTION);
  vi.resetModules();
  const { connectPolicy } = await import("../../src/shared/policy");
  const policy = connectPolicy([]).split(" ");
  expect(policy.slice(-2)).toEqual(["http://models.intern:8080", "http://10.0.0.7"]);
  expect(await bundleGate()).toContain("http://models.intern:8080");
  vi.unstubAllEnvs();
  expect(await bundleGate()).not.toContain("models.intern");
});

it("takes them for a model's host, by their whole origin", async () => {
  vi.stubEnv("VITE_HTTP_HOSTS", OPTION);
  vi.resetModules();
  const { hostUrl } = await import("../../src/store/sources/host-url");
  expect(hostUrl("http://models.intern:8080/hf/")).toBe("http://models.intern:8080/hf");
  for (const other of [
    "http://models.intern",
    "http://models.intern:8081",
    "http://no.example",
    "http://bad.example",
  ]) {
    expect(() => hostUrl(other)).toThrow("has to be an https address");
  }
  expect(hostUrl("https://huggingface.co/")).toBe("https://huggingface.co");
});
