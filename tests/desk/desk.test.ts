/** What the desk says is on the GPU, while it changes. The worker behind it is made up. */
import { describe, expect, it } from "vitest";
import { ModelDesk } from "../../src/desk/desk";
import type { DeskParts } from "../../src/desk/desk-parts";
import { DESK_DEFAULTS } from "../../src/desk/settings";
import { SpeedMemory } from "../../src/desk/speeds";
import type { GenerateRequest, SessionInfo, Usage } from "../../src/engine/engine";
import { abortedError, IngleError } from "../../src/shared/errors";
import { STARTER_ID } from "../../src/shared/starter";
import type { ModelSpec } from "../../src/store/model-spec";
import type { LoadRequest } from "../../src/worker/model-client";
import { makeReport } from "../fixtures/make-report";
import { keptAs, settle } from "../talk/parts";

const infoOf = (name: string) => ({ name, engine: "wgsl", bytes: { total: 1 }, contextLength: 100 }) as SessionInfo;

/** What an address leads to. */
const NAMED: ModelSpec = {
  id: "named",
  name: "Named",
  files: [{ name: "a.gguf", pieces: [{ url: "https://example.org/a.gguf", bytes: 8 }] }],
} as const;

/** A desk with kept models, and the end of each load to be told. */
async function openDesk(...ids: readonly string[]) {
  const looked: { readonly what: string; readonly signal: AbortSignal | undefined }[] = [];
  const ends: {
    readonly id: string;
    readonly context: LoadRequest["contextLength"];
    well(): void;
    badly(error: IngleError): void;
  }[] = [];
  let onGpu: SessionInfo | null = null;
  const model: Partial<DeskParts["model"]> = {
    load: ({ source, contextLength }: LoadRequest) =>
      new Promise<SessionInfo>((resolve, reject) => {
        const id = source.kind === "stored" ? source.id : source.kind;
        ends.push({ id, context: contextLength, well: () => resolve((onGpu = infoOf(id))), badly: reject });
      }),
    loaded: () => Promise.resolve(onGpu),
    rehearse: (sizes, call) => {
      looked.push({ what: `rehearse ${sizes.join()}`, signal: call?.signal });
      return Promise.resolve({ outcome: "passed", bytes: 8, bandwidth: { alone: 1, together: 1 } });
    },
    whenLost: () => new Promise(() => undefined),
    // eslint-disable-next-line @typescript-eslint/require-await -- a reply comes as it comes
    async *generate({ maxTokens = 0 }) {
      const usage = { completionTokens: maxTokens, decodeTokensPerSecond: maxTokens / 4 } as Usage;
      yield { type: "end", finishReason: "length", usage };
    },
  };
  const store: Partial<DeskParts["store"]> = {
    list: () => Promise.resolve(ids.map(keptAs)),
    listUnfinished: () => Promise.resolve([]),
    usage: () =>
      Promise.resolve({ usedBytes: 0, quotaBytes: 1e12 } as Awaited<ReturnType<DeskParts["store"]["usage"]>>),
    watch: () => () => undefined,
    describe: (_source, signal) => {
      looked.push({ what: "describe", signal });
      if (signal?.aborted === true) return Promise.reject(abortedError());
      return Promise.resolve(NAMED);
    },
    download: (_spec, call) => {
      looked.push({ what: "download", signal: call?.signal });
      return Promise.resolve(keptAs(NAMED.id));
    },
  };
  const storage = () => ({ getItem: () => null, setItem: () => undefined });
  const desk = new ModelDesk({
    report: makeReport(),
    catalogue: [],
    store: store as DeskParts["store"],
    model: model as DeskParts["model"],
    settings: { ...DESK_DEFAULTS, idleMinutes: 0 },
    speeds: new SpeedMemory(storage, "a"),
    canReach: () => Promise.resolve(true),
    save: () => undefined,
    measure: () => Promise.resolve(makeReport()),
    deviceMemory: 8,
    tabs: undefined,
    page: "https://example.org/",
  });
  await desk.refresh();
  return { desk, ends, looked };
}

describe("what is on the GPU", () => {
  it("is nothing from a load's first moment on, and the one before again where the new one is refused", async () => {
    const { desk, ends } = await openDesk("a", "b");
    const first = desk.load("a");
    await settle();
    ends[0]?.well();
    await first;
    expect(desk.state.loaded?.id).toBe("a");

    const second = desk.load("b");
    await settle();
    expect(ends.map(({ id }) => id)).toEqual(["a", "b"]); // the worker has been asked
    expect(desk.state.loaded).toBeUndefined();
    ends[1]?.badly(new IngleError("model-invalid", "No model."));
    await second;
    expect(desk.state.loaded?.id).toBe("a");
    expect(desk.state.entries.find(({ id }) => id === "b")?.problem).toBe("No model.");
  });
});

describe("a model's speed", () => {
  it("is known once a reply was long enough, and was not held to a form", async () => {
    const { desk, ends } = await openDesk("a");
    const loading = desk.load("a");
    await settle();
    ends[0]?.well();
    await loading;
    const speedAfter = async (request: Partial<GenerateRequest>) => {
      for await (const event of desk.generate({ input: { text: "a" }, ...request })) expect(event.type).toBe("end");
      return desk.state.entries[0]?.measured;
    };
    expect(await speedAfter({ maxTokens: 20 })).toEqual({});
    expect(await speedAfter({ maxTokens: 60, responseFormat: { type: "json" } })).toEqual({});
    expect(await speedAfter({ maxTokens: 48 })).toEqual({ wgsl: 12 });
  });
});

describe("the conversation's length", () => {
  it("that was set holds for a model of one's own and for the starter, as far as these were made for it", async () => {
    const { desk, ends } = await openDesk("mine", STARTER_ID);
    desk.change({ contextLength: 12_345 });
    for (const load of [() => desk.load("mine"), () => desk.loadStarter()]) {
      const loading = load();
      await settle();
      ends.at(-1)?.well();
      await loading;
    }
    expect(ends.map(({ id, context }) => ({ id, context }))).toEqual([
      { id: "mine", context: { atMost: 12_345 } },
      { id: STARTER_ID, context: { atMost: 12_345 } },
    ]);
  });
});

describe("what is named by its address", () => {
  it("can be stopped while it is looked at, and from then on by its entry", async () => {
    const { desk, looked } = await openDesk();
    const { signal } = new AbortController();
    const order: string[] = [];
    await desk.add("https://example.org/a.gguf", undefined, {
      signal,
      onBegun: () => void order.push(...looked.map(({ what }) => what), "begun"),
    });
    expect(order).toEqual(["describe", "rehearse 8", "begun"]);
    expect(looked.map((each) => [each.what, each.signal === signal])).toEqual([
      ["describe", true],
      ["rehearse 8", true],
      ["download", false], // its entry's own
    ]);
  });

  it("is not begun when it was stopped", async () => {
    const { desk, looked } = await openDesk();
    const adding = desk.add("https://example.org/a.gguf", undefined, {
      signal: AbortSignal.abort(),
      onBegun: () => looked.push({ what: "begun", signal: undefined }),
    });
    await expect(adding).rejects.toMatchObject({ code: "aborted" });
    expect(looked.map(({ what }) => what)).toEqual(["describe"]);
  });
});
