/**
 * Decodes token after token on the GPU. Several tokens go into a submit and several submits are under way, so that the
 * GPU never waits for the CPU; the CPU only reads which tokens came. Nothing is created per token but the encoder.
 */
import { IngleError, throwIfAborted } from "../../../shared/errors";
import { throwFault, waitForGpu } from "../gpu/gpu";
import { NO_TOKEN } from "../kernels/sample/sample";
import type { LoadedModel } from "../model/loaded-model";
import { RING_SLOTS } from "../model/plan";

/** Tokens a submit decodes: so many that it takes about this long, so that a stop wastes little. */
const SUBMIT_MS = 25;
const MOST_TOKENS_PER_SUBMIT = 8;
/** One that computes, one that waits behind it. */
const SUBMITS_IN_FLIGHT = 2;

interface Batch {
  readonly count: number;
  readonly tokens: Promise<Uint32Array>;
}

export interface DecodeOptions {
  /** Tokens to decode at most. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Overrides what is found by measuring. */
  readonly tokensPerSubmit?: number | undefined;
  /** Whether the next token is begun only when the caller asks for it: what it may be follows from the last. */
  readonly oneAtATime?: boolean;
  /** Told how many tokens have come together, before they are told. */
  readonly onLanded?: (tokens: number) => void;
}

export class DecodeLoop {
  readonly #model: LoadedModel;
  /** [MOST_TOKENS_PER_SUBMIT] u32 each, one for a submit in flight. */
  readonly #staging: GPUBuffer[];
  #tokensPerSubmit = 1;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#staging = Array.from({ length: SUBMITS_IN_FLIGHT }, (_, i) =>
      model.gpu.device.createBuffer({
        label: `tokens read back ${i}`,
        size: MOST_TOKENS_PER_SUBMIT * 4,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
  }

  /**
   * Goes on from the GPU's state, whose `produced` is 0. Ends after `limit` tokens, or when the caller has enough:
   * what was in flight then is waited for and dropped.
   *
   * @throws IngleError "device-lost"; "gpu-wrong"; "aborted".
   */
  async *run({ limit, signal, tokensPerSubmit, oneAtATime = false, onLanded }: DecodeOptions): AsyncGenerator<number> {
    const { gpu } = this.#model;
    const flying: Batch[] = [];
    const [inFlight, most] = oneAtATime ? [1, 1] : [SUBMITS_IN_FLIGHT, MOST_TOKENS_PER_SUBMIT];
    let submitted = 0;
    let landedAt = performance.now();
    try {
      for (let landed = 0; landed < limit;) {
        throwIfAborted(signal);
        while (flying.length < inFlight && submitted < limit) {
          const count = Math.min(tokensPerSubmit ?? this.#tokensPerSubmit, most, limit - submitted);
          flying.push(this.#submit(submitted, count));
          submitted += count;
        }
        const batch = flying[0];
        if (batch === undefined) break;
        const tokens = await batch.tokens.catch((thrown: unknown) => {
          throwIfAborted(signal); // a mapping is aborted, too, when its buffer was destroyed
          throw thrown;
        });
        throwFault(gpu);
        flying.shift();
        if (!oneAtATime) this.#adapt((performance.now() - landedAt) / batch.count);
        landedAt = performance.now();
        landed += batch.count;
        onLanded?.(batch.count);
        for (const token of tokens) {
          if (token === NO_TOKEN) {
            throw new IngleError(
              "gpu-wrong",
              "This GPU computed something that is no number. Run the check of its kernels, or try another browser or GPU.",
            );
          }
          yield token;
        }
      }
    } finally {
      await Promise.allSettled(flying.map(({ tokens }) => tokens));
    }
  }

  dispose(): void {
    for (const buffer of this.#staging) buffer.destroy();
  }

  /** @param first How many tokens of the reply were submitted before. */
  #submit(first: number, count: number): Batch {
    const { gpu, forward, buffers } = this.#model;
    const staging = this.#staging.find(({ mapState }) => mapState === "unmapped");
    if (staging === undefined) throw new RangeError("More submits in flight than buffers to read them.");
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) {
      for (const step of forward.decode) step(pass);
      forward.sample(pass);
    }
    pass.end();
    const slot = first % RING_SLOTS;
    const beforeWrap = Math.min(count, RING_SLOTS - slot);
    const { ring } = buffers.scratch;
    encoder.copyBufferToBuffer(ring, slot * 4, staging, 0, beforeWrap * 4);
    if (beforeWrap < count) encoder.copyBufferToBuffer(ring, 0, staging, beforeWrap * 4, (count - beforeWrap) * 4);
    gpu.device.queue.submit([encoder.finish()]);
    return { count, tokens: this.#read(staging, count) };
  }

  async #read(staging: GPUBuffer, count: number): Promise<Uint32Array> {
    await waitForGpu(this.#model.gpu, staging.mapAsync(GPUMapMode.READ, 0, count * 4));
    const tokens = new Uint32Array(staging.getMappedRange(0, count * 4)).slice();
    staging.unmap();
    return tokens;
  }

  #adapt(msPerToken: number): void {
    const wanted = Math.round(SUBMIT_MS / Math.max(msPerToken, 0.1));
    // Up by one at a time: the first tokens of a reply come late for reasons of their own.
    this.#tokensPerSubmit = Math.max(1, Math.min(wanted, this.#tokensPerSubmit + 1, MOST_TOKENS_PER_SUBMIT));
  }
}
