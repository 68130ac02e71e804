import { describe, expect, it } from "vitest";
import { loadHosts, normaliseHost, saveHosts } from "../../src/shared/hosts";
import { DEFAULT_HOSTS, parseHosts } from "../../src/shared/policy";
import { HOSTILE_HOSTS, TOO_LONG_HOSTS } from "../fixtures/hostile-hosts";

describe("loadHosts and saveHosts", () => {
  it("read back what was saved", () => {
    const stored = new Map<string, string>();
    const storage = () => ({
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    });
    expect(loadHosts(storage)).toEqual(DEFAULT_HOSTS);
    saveHosts(storage, ["https://a.example.org"]);
    expect(loadHosts(storage)).toEqual(["https://a.example.org"]);
  });

  it("use the default where storage is blocked, and say so when saving", () => {
    const blocked = (): never => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    expect(loadHosts(blocked)).toEqual(DEFAULT_HOSTS);
    expect(() => saveHosts(blocked, [])).toThrow(DOMException);
  });
});

describe("normaliseHost", () => {
  it.each([
    ["models.example.org", "https://models.example.org"],
    ["  Models.Example.ORG \n", "https://models.example.org"],
    ["https://models.example.org/path?query#hash", "https://models.example.org"],
    ["models.example.org/a;b c", "https://models.example.org"],
    ["*.example.org", "https://*.example.org"],
    ["https://*.example.org/", "https://*.example.org"],
    ["models.example.org:8443", "https://models.example.org:8443"],
    ["https://models.example.org:443", "https://models.example.org"],
    ["xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"],
    ["M\u00dcNCHEN.example", "https://xn--mnchen-3ya.example"],
    ["https://*.m\u00fcnchen.example:8443/path", "https://*.xn--mnchen-3ya.example:8443"],
    ["192.168.1.20", "https://192.168.1.20"],
  ])("reads %j as %s", (typed, host) => {
    expect(normaliseHost(typed)).toBe(host);
    expect(parseHosts(JSON.stringify([host]))).toEqual([host]);
  });

  // A trailing newline is a slip of the keyboard, not an attack: it is trimmed. An international name is no attack
  // either: it is put into ASCII, and only as such gets into a policy.
  it.each(HOSTILE_HOSTS.filter((host) => host.trim() === host && !host.includes("\u00fc")))("refuses %j", (typed) => {
    expect(() => normaliseHost(typed)).toThrow(expect.objectContaining({ code: "host-invalid" }) as Error);
  });

  it.each(TOO_LONG_HOSTS)("refuses %s", (_what, typed) => {
    expect(() => normaliseHost(typed)).toThrow(expect.objectContaining({ code: "host-invalid" }) as Error);
  });

  it.each(["", "   ", "localhost", "com", "a b.example.org"])("refuses %j", (typed) => {
    expect(() => normaliseHost(typed)).toThrow(expect.objectContaining({ code: "host-invalid" }) as Error);
  });

  it("says that only https:// goes", () => {
    expect(() => normaliseHost("http://a.example.org")).toThrow(/https:\/\//);
  });

  it("does not repeat a novel back", () => {
    expect(() => normaliseHost("!".repeat(100_000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/s) as string }) as Error,
    );
  });
});
