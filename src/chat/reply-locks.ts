/**
 * Which replies are being written, over all tabs: each under a Web Lock, which a tab that dies lets go of. So a reply
 * whose record says "streaming" is one that was cut off, unless somebody has its lock.
 */
import { IngleError } from "../shared/errors";
import { asStorageError } from "../shared/storage-errors";

/** [ms] Who ended a reply lets go of it a moment later, and so does who only waited for that. */
const PATIENCE_MS = 1000;

export class ReplyLocks {
  /** By name. */
  readonly #held = new Map<string, () => void>();
  readonly #awaited = new Set<string>();
  readonly #closing = new AbortController();

  /** @throws IngleError "model-busy" while another tab writes this reply. */
  async hold(conversation: string, message: string): Promise<void> {
    const name = nameOf(conversation, message);
    if (this.#held.has(name)) return;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await new Promise<void>((resolve, reject) => {
      navigator.locks
        .request(name, { signal }, () => {
          resolve();
          return new Promise<void>((release) => this.#held.set(name, release));
        })
        .catch((thrown: unknown) => reject(thrown === signal.reason ? busy() : asStorageError(thrown)));
    });
  }

  /** Lets go of a conversation's replies but this one. */
  releaseOthers(conversation: string, message: string | undefined): void {
    const keep = message === undefined ? undefined : nameOf(conversation, message);
    for (const [name, release] of this.#held) {
      if (!name.startsWith(nameOf(conversation, "")) || name === keep) continue;
      this.#held.delete(name);
      release();
    }
  }

  /** Of a conversation's replies those that some tab is writing. */
  async beingWritten(conversation: string): Promise<(message: string) => boolean> {
    const { held = [] } = await navigator.locks.query().catch((thrown: unknown) => {
      throw asStorageError(thrown);
    });
    const names = new Set(held.map(({ name }) => name));
    return (message) => names.has(nameOf(conversation, message));
  }

  /** When another tab has ended a reply, or has died over it. */
  whenFree(conversation: string, message: string, listener: () => void): void {
    const name = nameOf(conversation, message);
    if (this.#held.has(name) || this.#awaited.has(name)) return;
    this.#awaited.add(name);
    navigator.locks
      .request(name, { mode: "shared", signal: this.#closing.signal }, () => {
        this.#awaited.delete(name);
        listener();
      })
      .catch(() => this.#awaited.delete(name));
  }

  close(): void {
    this.#closing.abort();
    for (const release of this.#held.values()) release();
    this.#held.clear();
  }
}

function busy(): IngleError {
  return new IngleError("model-busy", "This reply is being written in another tab. Wait for it, or stop it there.");
}

const nameOf = (conversation: string, message: string) => `ingle reply ${conversation} ${message}`;
