/** A worker's JavaScript memory over time, as the browser's protocol reports it. */
import type { Browser, CDPSession, Worker } from "playwright";
import { withDeadline } from "../../src/shared/deadline";
import { milliseconds } from "../../src/shared/units";

export interface HeapSample {
  /** [ms since 1970] */
  readonly at: number;
  /** [bytes] usedSize + backingStorageSize: objects and array buffers. */
  readonly bytes: number;
}

const EVERY_MS = 15;
/** A worker answers between two tasks of its own. */
const ANSWER_LIMIT = milliseconds(30_000);

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

export class WorkerHeap {
  readonly #session: CDPSession;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, (usage: HeapUsage) => void>();
  #nextId = 1;
  #samples: HeapSample[] = [];
  #sampling: Promise<void> | undefined;
  #stopped = false;

  private constructor(session: CDPSession, sessionId: string) {
    this.#session = session;
    this.#sessionId = sessionId;
  }

  static async of(browser: Browser, worker: Worker): Promise<WorkerHeap> {
    const session = await browser.newBrowserCDPSession();
    const { targetInfos } = await session.send("Target.getTargets");
    const target = targetInfos.find(({ url, type }) => type === "worker" && url === worker.url());
    if (target === undefined) throw new Error("The browser's protocol does not list the worker.");
    // Playwright's sessions carry no flattened ones.
    const { sessionId } = await session.send("Target.attachToTarget", { targetId: target.targetId, flatten: false });
    const heap = new WorkerHeap(session, sessionId);
    session.on("Target.receivedMessageFromTarget", (message) => {
      if (message.sessionId === sessionId) heap.#receive(message.message);
    });
    return heap;
  }

  /** Collects garbage, takes the first sample and goes on until `stop`. */
  async start(): Promise<void> {
    await this.#ask("HeapProfiler.collectGarbage");
    this.#samples = [await this.#sample()];
    this.#stopped = false;
    // A worker that is gone has no more samples: that it is gone is for whoever asks something of it to say.
    this.#sampling = this.#goOn().catch(() => undefined);
  }

  /** @returns the samples since `start`, the first being from before anything. */
  async stop(): Promise<readonly HeapSample[]> {
    this.#stopped = true;
    await this.#sampling;
    return this.#samples;
  }

  async close(): Promise<void> {
    await this.#session.detach();
  }

  async #goOn(): Promise<void> {
    while (!this.#stopped) {
      const [sample] = await Promise.all([this.#sample(), pause(EVERY_MS)]);
      this.#samples.push(sample);
    }
  }

  async #sample(): Promise<HeapSample> {
    const { usedSize, backingStorageSize } = await this.#ask("Runtime.getHeapUsage");
    return { at: Date.now(), bytes: usedSize + backingStorageSize };
  }

  async #ask(method: string): Promise<HeapUsage> {
    const id = this.#nextId++;
    const answer = new Promise<HeapUsage>((resolve) => this.#waiting.set(id, resolve));
    await this.#session.send("Target.sendMessageToTarget", {
      sessionId: this.#sessionId,
      message: JSON.stringify({ id, method }),
    });
    return withDeadline(answer, ANSWER_LIMIT, "The worker");
  }

  #receive(text: string): void {
    const { id, result } = JSON.parse(text) as { readonly id?: number; readonly result?: HeapUsage };
    if (id === undefined || result === undefined) return;
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
