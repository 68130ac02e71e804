import { describe, expect, it } from "vitest";
import {
  connectPolicy,
  DEFAULT_HOSTS,
  holdsTo,
  MAX_HOSTS,
  parseHosts,
  serviceWorkerPolicy,
} from "../../src/shared/policy";
import { HOSTILE_HOSTS, TOO_LONG_HOSTS } from "../fixtures/hostile-hosts";

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

  it.each(HOSTILE_HOSTS)("drops %j", (host) => {
    expect(parseHosts(JSON.stringify([host, "https://a.example.org"]))).toEqual(["https://a.example.org"]);
  });

  it.each(TOO_LONG_HOSTS)("drops %s", (_what, host) => {
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

describe("the policies", () => {
  it("allow the page itself, this computer and the list", () => {
    expect(connectPolicy(["https://a.example.org", "https://*.b.example.org"])).toBe(
      "connect-src 'self' http://127.0.0.1:* http://localhost:* ws://127.0.0.1:* ws://localhost:* " +
        "https://a.example.org https://*.b.example.org",
    );
  });

  it("are one and three directives, whatever the storage holds", () => {
    const hosts = parseHosts(JSON.stringify([...HOSTILE_HOSTS, "https://a.example.org"]));
    expect(directives(connectPolicy(hosts))).toHaveLength(1);
    expect(directives(serviceWorkerPolicy(hosts)).map((directive) => directive.split(" ")[0])).toEqual([
      "default-src",
      "script-src",
      "connect-src",
    ]);
    expect(connectPolicy(hosts)).not.toMatch(/[\n\r;,"]|unsafe| \* | \*$/);
  });
});

describe("holdsTo", () => {
  const HOSTS = ["https://a.example.org", "https://*.b.example.org"];

  it.each([
    ["the very list", connectPolicy(HOSTS)],
    ["the service worker's whole policy", serviceWorkerPolicy(HOSTS)],
    ["a part of the list", "connect-src 'self' https://a.example.org"],
    ["the page alone", "connect-src 'self'"],
    ["nothing at all", "connect-src 'none'"],
    ["an empty directive, which is nothing at all", "connect-src"],
    ["default-src alone", "default-src 'self'"],
    ["connect-src, whatever default-src has", "default-src *; connect-src 'self'"],
    ["names in upper case", "Connect-Src 'self'; DEFAULT-SRC *"],
    ["spaces, tabs and semicolons to spare", " ;; script-src\t* ;  connect-src   'self'\thttps://a.example.org ; "],
    ["a name twice, of which browsers take the first", "connect-src 'self'; connect-src *"],
    // Headers of the same name arrive as one, and a browser obeys them all: one that holds is enough.
    ["a header of its own beside another", "upgrade-insecure-requests, connect-src 'self'"],
    ["a header before a wider one", "connect-src 'self', connect-src *"],
  ])("holds for %s", (_what, policy) => {
    expect(holdsTo(policy, HOSTS)).toBe(true);
  });

  it.each([
    ["no policy", ""],
    ["a policy that says nothing of connections", "script-src 'self'; img-src 'none'"],
    ["one host more", connectPolicy([...HOSTS, "https://c.example.org"])],
    ["every host", "connect-src *"],
    ["every https host", "connect-src 'self' https:"],
    ["a wider name than the list's", "connect-src https://*.example.org"],
    ["another port than the list's", "connect-src https://a.example.org:8443"],
    ["default-src alone, when that is too wide", "default-src 'self' https://c.example.org"],
    ["a connect-src that widens default-src", "default-src 'none'; connect-src *"],
    ["a directive whose name only begins alike", "connect-src-elem 'self'"],
    ["a name twice, of which browsers take the first", "connect-src *; connect-src 'self'"],
    ["a name twice, in another case", "CONNECT-SRC *; connect-src 'none'"],
    ["default-src twice", "default-src *; default-src 'none'"],
    ["a wide connect-src in a second header", "upgrade-insecure-requests, connect-src *; default-src 'self'"],
    ["two headers that are too wide each", "connect-src https://c.example.org, connect-src *"],
  ])("does not hold for %s", (_what, policy) => {
    expect(holdsTo(policy, HOSTS)).toBe(false);
  });

  it("goes by the list it is given", () => {
    expect(holdsTo(connectPolicy(DEFAULT_HOSTS), DEFAULT_HOSTS)).toBe(true);
    expect(holdsTo(connectPolicy(DEFAULT_HOSTS), [])).toBe(false);
    expect(holdsTo(connectPolicy([]), DEFAULT_HOSTS)).toBe(true);
  });
});
