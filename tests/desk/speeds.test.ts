import { beforeEach, describe, expect, it } from "vitest";
import { adapterKey, SpeedMemory } from "../../src/desk/speeds";
import { unknown } from "../../src/probe/report";
import { makeAdapter, makeInfo, makeReport } from "../fixtures/make-report";
import { known } from "../../src/probe/report";

let kept: string | null;
const storage = () => ({ getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) });
const open = (adapter = "nvidia lovelace") => new SpeedMemory(storage, adapter);

beforeEach(() => {
  kept = null;
});

describe("measured speeds", () => {
  it("are there on the next visit, of each model with each engine", () => {
    const speeds = open();
    speeds.note("a", "webllm", 21);
    speeds.note("a", "wgsl", 14);
    speeds.note("b", "wgsl", 0);
    expect(speeds.of("a")).toEqual({ webllm: 21, wgsl: 14 });
    expect(open().of("a")).toEqual({ webllm: 21, wgsl: 14 });
    expect(open().of("b")).toEqual({ wgsl: 0 });
    expect(open().of("c")).toEqual({});
  });

  it("are seen as the best reply's until they are measured on purpose", () => {
    const speeds = open();
    for (const rate of [9, 12, 7]) speeds.noteReply("a", "wgsl", rate);
    speeds.noteReply("a", "webllm", 30);
    expect(open().seen("a")).toEqual({ wgsl: 12, webllm: 30 });
    expect(open().of("a")).toEqual({});
    speeds.note("a", "wgsl", 11);
    speeds.note("a", "webllm", 0);
    speeds.noteReply("a", "wgsl", 14);
    expect(open().seen("a")).toEqual({ wgsl: 11, webllm: 0 });
    speeds.noteReply("a", "webllm", 5); // so it does run
    expect(open().seen("a")).toEqual({ wgsl: 11, webllm: 5 });
    expect(open().of("a")).toEqual({ wgsl: 11, webllm: 0 });
  });

  it("are of one adapter alone", () => {
    open("one").note("a", "wgsl", 5);
    open("other").note("a", "wgsl", 50);
    expect(open("one").of("a")).toEqual({ wgsl: 5 });
    expect(open("third").of("a")).toEqual({});
  });

  it("are not overwritten by another tab's", () => {
    const [first, second] = [open(), open()];
    first.note("a", "wgsl", 5);
    second.note("b", "wgsl", 6);
    expect(open().of("a")).toEqual({ wgsl: 5 });
  });

  it("of the device are kept beside them, and taken where a later report has none", () => {
    open().note("a", "wgsl", 5);
    expect(open().deviceOf(makeReport())).toMatchObject({ bandwidth: 2e11, dispatchCost: 2e-4 });
    const { measurements, ...report } = makeReport();
    const none = unknown("not-measured", "Not measured.");
    const unmeasured = { ...report, measurements: { ...measurements, readBandwidth: none, dispatchCost: none } };
    expect(open().deviceOf(unmeasured)).toMatchObject({ bandwidth: 2e11, dispatchCost: 2e-4 });
    expect(open("another").deviceOf(unmeasured).bandwidth).toBeUndefined();
    expect(open().of("a")).toEqual({ wgsl: 5 });
  });

  it("are bounded", () => {
    for (let i = 0; i < 300; i++) open(`adapter ${i}`).note("a", "wgsl", i);
    const one = open();
    for (let i = 0; i < 300; i++) one.note(`model ${i}`, "wgsl", i);
    for (let i = 0; i < 300; i++) one.noteReply(`model ${i}`, "wgsl", i);
    const all = JSON.parse(kept ?? "") as Record<string, { models: object; replies: object }>;
    expect(Object.keys(all)).toHaveLength(8);
    expect(Object.keys(all["nvidia lovelace"]?.models ?? {})).toHaveLength(200);
    expect(Object.keys(all["nvidia lovelace"]?.replies ?? {})).toHaveLength(200);
    expect(open().of("model 299")).toEqual({ wgsl: 299 });
  });

  it.each(["{", "[]", '{"nvidia lovelace":{"models":{"a":{"wgsl":-1}}}}', '{"nvidia lovelace":null}'])(
    "that make no sense are none: %s",
    (text) => {
      kept = text;
      expect(open().of("a")).toEqual({});
      open().note("a", "wgsl", 1);
      expect(open().of("a")).toEqual({ wgsl: 1 });
    },
  );

  it("hold until the page is left where storage is blocked", () => {
    const speeds = new SpeedMemory(() => {
      throw new DOMException("Blocked.", "SecurityError");
    }, "x");
    speeds.note("a", "wgsl", 3);
    expect(speeds.of("a")).toEqual({ wgsl: 3 });
    speeds.forget();
    expect(speeds.of("a")).toEqual({});
  });
});

describe("an adapter's name", () => {
  it("is what it says of itself, or that it says nothing", () => {
    expect(adapterKey(makeReport())).toBe("nvidia lovelace");
    const silent = makeAdapter({ info: known(makeInfo({ vendor: "", architecture: null })) });
    const report = makeReport();
    expect(adapterKey({ ...report, adapters: { ...report.adapters, highPerformance: known(silent) } })).toBe("unnamed");
    const none = { ...report.adapters, highPerformance: unknown("failed", "no") };
    expect(adapterKey({ ...report, adapters: none })).toBe("unnamed");
  });
});
