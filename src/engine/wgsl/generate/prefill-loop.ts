/**
 * Puts a prompt into the KV cache, in submits that each stay far below a GPU watchdog's patience: how much goes into
 * one is measured as it goes. That makes prefill stoppable and gives its progress.
 */
import { throwIfAborted } from "../../../shared/errors";
import { submit, throwFault, waitForGpu } from "../gpu/gpu";
import { DECODE_STATE } from "../kernels/decode-state";
import type { LoadedModel } from "../model/loaded-model";
import { PREFILL_TOKENS } from "../model/plan";

/** A submit is to take about half of LONGEST_MS, which it should never take. */
const LONGEST_MS = 100;
const FIRST_TOKENS = 16;
const FIRST_STEPS = 4;

export class PrefillLoop {
  readonly #model: LoadedModel;
  /** What a submit carries: so many tokens through so many dispatches. */
  #tokens: number;
  #steps = FIRST_STEPS;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#tokens = Math.max(FIRST_TOKENS, model.forward.prefillTile);
  }

  /**
   * @param tokens Those at positions `from` and after.
   * @param onDone Told how many are done, after each part.
   * @throws IngleError "aborted"; "device-lost".
   */
  async run(
    tokens: readonly number[],
    from: number,
    signal: AbortSignal,
    onDone: (done: number) => void,
  ): Promise<void> {
    const { gpu, buffers, forward } = this.#model;
    const { queue } = gpu.device;
    for (let done = 0; done < tokens.length;) {
      const part = tokens.slice(done, done + this.#tokens);
      const state = new Uint32Array(DECODE_STATE.words);
      state[DECODE_STATE.position] = from + done;
      state[DECODE_STATE.count] = part.length;
      queue.writeBuffer(buffers.scratch.tokens, 0, new Uint32Array(part));
      queue.writeBuffer(buffers.scratch.state, 0, state);
      const steps = forward.prefill(part.length);
      for (let first = 0; first < steps.length;) {
        throwIfAborted(signal);
        const own = steps.slice(first, first + this.#steps);
        first += own.length;
        const begun = performance.now();
        submit(gpu.device, (pass) => own.forEach((step) => step(pass)));
        await waitForGpu(gpu, queue.onSubmittedWorkDone());
        throwFault(gpu);
        this.#adapt(performance.now() - begun, own.length, steps.length);
      }
      done += part.length;
      onDone(done);
    }
  }

  #adapt(ms: number, steps: number, all: number): void {
    if (ms > LONGEST_MS / 2) {
      if (steps > 1) this.#steps = Math.max(1, Math.floor((steps * LONGEST_MS) / 2 / ms));
      else if (ms > LONGEST_MS) this.#tokens = Math.max(this.#model.forward.prefillTile, this.#tokens / 2);
    } else if (ms < LONGEST_MS / 4 && steps === this.#steps) {
      if (this.#steps < all) this.#steps = Math.min(all, this.#steps * 2);
    }
    // A whole part in one short submit: more tokens at a time use the weights better.
    if (ms < LONGEST_MS / 4 && steps >= all) this.#tokens = Math.min(PREFILL_TOKENS, this.#tokens * 2);
  }
}
