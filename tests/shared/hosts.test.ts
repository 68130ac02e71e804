import { describe, expect, it } from "vitest";
import {
  connectPolicy,
  DEFAULT_HOSTS,
  loadHosts,
  MAX_HOSTS,
  normaliseHost,
  parseHosts,
  saveHosts,
  serviceWorkerPolicy,
} from "../../src/shared/hosts";

/** None of these may get into a policy, whether typed or found in the storage. */
const HOSTILE = [
  "https://a.com; script-src *",
  "https://a.com;script-src *",
  "https://a.com script-src",
  "https://a.com, https://b.com",
  "https://a.com\nscript-src *",
  "https://a.com\r\nX-Header: 1",
  "https://a.com\n",
  "https://a.com\u2028",
  "https://a.com'",
  "https://'unsafe-inline'",
  "'unsafe-eval'",
  '"https://a.com"',
  "*",
  "https://*",
  "https://*.com",
  "https://*.*.example.org",
  "https://a.*.example.org",
  "https://example.*",
  "https:",
  "https://",
  "https:a.example.org",
  "http://a.example.org",
  "ws://a.example.org",
  "javascript:alert(1)",
  "javascript://a.example.org/%0aalert(1)",
  "data:text/html,hi",
  "blob:https://a.example.org",
  "https://user:pass@a.example.org",
  "https://user@a.example.org",
  "https://a.example.org:",
  "https://a.example.org:*",
  "https://a.example.org:80:80",
  "https://a.example.org:123456",
  "https://a.example.org:99999",
  "https://a..example.org",
  "https://.example.org",
  "https://-a.example.org",
  "https://a-.example.org",
  "https://m\u00fcnchen.example",
  "https://\u202eexample.org",
  "https://a.ex%61mple.org",
  "https://a_b.example.org",
  "https://[::1]",
  "https://localhost",
];

/** A label has at most 63 characters and a name 253 (RFC 1035); a policy of such names is no policy. */
const TOO_LONG: readonly [string, string][] = [
  ["a label of 300 characters", `https://${"a".repeat(300)}.org`],
  ["300 labels", `https://${"a.".repeat(300)}org`],
];

/** The directives a browser would read out of a policy. */
const directives = (policy: string): string[] => policy.split(";").map((directive) => directive.trim());

describe("parseHosts", () => {
  it.each([[null], [""], ["{"], ["null"], ["7"], ['"https://a.example.org"'], ['{"0":"https://a.example.org"}']])(
    "falls back to the default for %j, which is no list",
    (stored) => {
      expect(parseHosts(stored)).toEqual(DEFAULT_HOSTS);
    },
  );

  it("keeps an empty list empty: the user removed them all", () => {
    expect(parseHosts("[]")).toEqual([]);
  });

  it("reads its own default back", () => {
    expect(parseHosts(JSON.stringify(DEFAULT_HOSTS))).toEqual(DEFAULT_HOSTS);
  });

  it("keeps what belongs, in order and once", () => {
    const stored = [
      "https://b.example.org",
      "https://*.a.example.org",
      "https://a.example.org:8443",
      "https://b.example.org",
    ];
    expect(parseHosts(JSON.stringify(stored))).toEqual(stored.slice(0, 3));
  });

  it.each(HOSTILE)("drops %j", (host) => {
    expect(parseHosts(JSON.stringify([host, "https://a.example.org"]))).toEqual(["https://a.example.org"]);
  });

  it.each(TOO_LONG)("drops %s", (_what, host) => {
    expect(parseHosts(JSON.stringify([host]))).toEqual([]);
  });

  it("drops what is no text", () => {
    expect(parseHosts('[1,null,{},["https://a.example.org"],"https://a.example.org"]')).toEqual([
      "https://a.example.org",
    ]);
  });

  it("cuts a list of thousands", () => {
    const many = Array.from({ length: 5000 }, (_, i) => `https://h${i}.example.org`);
    expect(parseHosts(JSON.stringify(many))).toEqual(many.slice(0, MAX_HOSTS));
  });

  it("stays fast on names made to make a pattern backtrack", () => {
    const trap = `https://${"a-".repeat(50_000)}!`;
    const started = performance.now();
    expect(parseHosts(JSON.stringify([trap]))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

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
    ["192.168.1.20", "https://192.168.1.20"],
  ])("reads %j as %s", (typed, host) => {
    expect(normaliseHost(typed)).toBe(host);
    expect(parseHosts(JSON.stringify([host]))).toEqual([host]);
  });

  // A trailing newline is a slip of the keyboard, not an attack: it is trimmed.
  it.each(HOSTILE.filter((host) => host.trim() === host))("refuses %j", (typed) => {
    expect(() => normaliseHost(typed)).toThrow(expect.objectContaining({ code: "host-invalid" }) as Error);
  });

  it.each(TOO_LONG)("refuses %s", (_what, typed) => {
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

describe("the policies", () => {
  it("allow the page itself, this computer and the list", () => {
    expect(connectPolicy(["https://a.example.org", "https://*.b.example.org"])).toBe(
      "connect-src 'self' data: http://127.0.0.1:* http://localhost:* ws://127.0.0.1:* ws://localhost:* " +
        "https://a.example.org https://*.b.example.org",
    );
  });

  it("are one and three directives, whatever the storage holds", () => {
    const hosts = parseHosts(JSON.stringify([...HOSTILE, "https://a.example.org"]));
    expect(directives(connectPolicy(hosts))).toHaveLength(1);
    expect(directives(serviceWorkerPolicy(hosts)).map((directive) => directive.split(" ")[0])).toEqual([
      "default-src",
      "script-src",
      "connect-src",
    ]);
    expect(connectPolicy(hosts)).not.toMatch(/[\n\r;,"]|unsafe| \* | \*$/);
  });
});
