import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectPolicy, DEFAULT_HOSTS } from "../../src/shared/policy";
import { registerServiceWorker } from "../../src/worker/service-worker-client";

type Listener = (event: { sw?: { scriptURL: string }; isUpdate?: boolean }) => void;

/** workbox-window's part: what was registered, and its events as the test sends them. */
const workbox = vi.hoisted(() => ({
  url: "",
  listeners: new Map<string, Listener>(),
  register: vi.fn(),
  messageSkipWaiting: vi.fn(),
}));
vi.mock("workbox-window", () => ({
  Workbox: class {
    readonly register = workbox.register;
    readonly messageSkipWaiting = workbox.messageSkipWaiting;
    constructor(url: string) {
      workbox.url = url;
    }
    addEventListener(type: string, listener: Listener) {
      workbox.listeners.set(type, listener);
    }
  },
}));

const SCRIPT = "https://example.org/ingle/sw.js";
const HOSTS = ["https://models.example.org", "https://*.example.net"];
const reload = vi.fn();
const fetched = vi.fn();
let controller: { scriptURL: string } | null;

beforeEach(() => {
  workbox.listeners.clear();
  workbox.register.mockReset().mockResolvedValue({ waiting: null });
  workbox.messageSkipWaiting.mockReset();
  reload.mockReset();
  fetched.mockReset();
  controller = { scriptURL: SCRIPT };
  vi.stubGlobal("navigator", {
    serviceWorker: {
      get controller() {
        return controller;
      },
    },
  });
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => void vi.unstubAllGlobals());

const register = (hosts = DEFAULT_HOSTS) => registerServiceWorker(new URL(SCRIPT), hosts);
const emit = (type: "waiting" | "controlling", event: Parameters<Listener>[0]) => workbox.listeners.get(type)?.(event);
const waits = (scriptURL = SCRIPT) => emit("waiting", { sw: { scriptURL } });

describe("the service worker's URL", () => {
  it("is plain for the default list", () => {
    register();
    expect(workbox.url).toBe(SCRIPT);
    expect(workbox.register).toHaveBeenCalledExactlyOnceWith({ immediate: true });
  });

  it.each([
    ["another list", HOSTS],
    ["a shorter list", DEFAULT_HOSTS.slice(1)],
    ["no host at all", []],
  ])("carries %s", (_what, hosts) => {
    register(hosts);
    const { searchParams, origin, pathname } = new URL(workbox.url);
    expect(origin + pathname).toBe(SCRIPT);
    expect([...searchParams]).toEqual([["hosts", hosts.join()]]);
  });
});

describe("a new version that waits", () => {
  it("is told to whoever listens, and to who comes later", () => {
    const shell = register();
    const early = [vi.fn(), vi.fn()];
    for (const listener of early) shell.onUpdate(listener);
    for (const listener of early) expect(listener).not.toHaveBeenCalled();
    waits();
    for (const listener of early) expect(listener).toHaveBeenCalledOnce();
    const late = vi.fn();
    shell.onUpdate(late);
    expect(late).toHaveBeenCalledOnce();
    for (const listener of early) expect(listener).toHaveBeenCalledOnce();
  });

  it("is left waiting, and nothing is reloaded, until the user says so", () => {
    register();
    waits();
    expect(workbox.messageSkipWaiting).not.toHaveBeenCalled();
    expect(reload).not.toHaveBeenCalled();
  });

  it("is told where nothing controls the page yet", () => {
    controller = null; // a page that was reloaded past its service worker
    const shell = register();
    const listener = vi.fn();
    shell.onUpdate(listener);
    waits();
    expect(listener).toHaveBeenCalledOnce();
    expect(workbox.messageSkipWaiting).not.toHaveBeenCalled();
  });
});

describe("a service worker for a changed list", () => {
  const OTHER = `${SCRIPT}?hosts=${HOSTS.join()}`;

  it("takes over at once, with nobody told and nothing reloaded", () => {
    const shell = register(HOSTS);
    const early = vi.fn();
    shell.onUpdate(early);
    waits(OTHER);
    expect(workbox.messageSkipWaiting).toHaveBeenCalledOnce();
    emit("controlling", { isUpdate: true });
    const late = vi.fn();
    shell.onUpdate(late);
    expect(early).not.toHaveBeenCalled();
    expect(late).not.toHaveBeenCalled();
    expect(reload).not.toHaveBeenCalled();
  });
});

describe("a new version that another tab let in", () => {
  it("is told, and reloads nothing by itself", () => {
    const shell = register();
    const early = vi.fn();
    shell.onUpdate(early);
    emit("controlling", { isUpdate: true });
    const late = vi.fn();
    shell.onUpdate(late);
    expect(early).toHaveBeenCalledOnce();
    expect(late).toHaveBeenCalledOnce();
    expect(reload).not.toHaveBeenCalled();
  });

  it("is none when it is the first that ever controlled the page", () => {
    const shell = register();
    const listener = vi.fn();
    shell.onUpdate(listener);
    emit("controlling", { isUpdate: false });
    emit("controlling", {});
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("apply", () => {
  it("lets the waiting version take over, and reloads once it did", async () => {
    workbox.register.mockResolvedValue({ waiting: {} });
    const shell = register();
    waits();
    await shell.apply();
    expect(workbox.messageSkipWaiting).toHaveBeenCalledOnce();
    expect(reload).not.toHaveBeenCalled();
    emit("controlling", { isUpdate: true });
    expect(reload).toHaveBeenCalledOnce();
  });

  it("reloads at once where none waits any more", async () => {
    const shell = register();
    emit("controlling", { isUpdate: true });
    await shell.apply();
    expect(workbox.messageSkipWaiting).not.toHaveBeenCalled();
    expect(reload).toHaveBeenCalledOnce();
  });

  it("reloads where nothing could be registered", async () => {
    workbox.register.mockRejectedValue(new Error("no"));
    await register().apply();
    expect(reload).toHaveBeenCalledOnce();
  });
});

describe("registration", () => {
  it("is what was registered", async () => {
    const made = { waiting: null };
    workbox.register.mockResolvedValue(made);
    await expect(register().registration).resolves.toBe(made);
  });

  it("rejects as the browser does, which nobody need listen to", async () => {
    const thrown = new DOMException("Storage is blocked.", "SecurityError");
    workbox.register.mockRejectedValue(thrown);
    const { registration } = register();
    await new Promise((resolve) => setTimeout(resolve)); // an unhandled rejection here fails the run
    await expect(registration).rejects.toBe(thrown);
  });

  it("rejects where the browser registers nothing and says nothing", async () => {
    workbox.register.mockResolvedValue(undefined);
    await expect(register().registration).rejects.toThrow("did not register a service worker");
  });
});

describe("policy", () => {
  const answer = (policy?: string) =>
    new Response(null, policy === undefined ? {} : { headers: { "Content-Security-Policy": policy } });

  it("is asked for the very script, past the cache", async () => {
    fetched.mockResolvedValue(answer());
    await register(HOSTS).policy();
    const [url, options] = fetched.mock.calls[0] as [URL, RequestInit];
    expect(String(url)).toBe(workbox.url);
    expect(options).toEqual({ method: "HEAD", cache: "no-store" });
  });

  it.each([
    ["sent", connectPolicy(HOSTS)],
    ["sent", "default-src 'self'"],
    ["not-sent", connectPolicy([...HOSTS, "https://else.example.org"])],
    ["not-sent", undefined],
  ] as const)("is %s for %j", async (verdict, policy) => {
    fetched.mockResolvedValue(answer(policy));
    expect(await register(HOSTS).policy()).toBe(verdict);
  });

  it("is unknown with no network", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    expect(await register().policy()).toBe("unknown");
  });
});
