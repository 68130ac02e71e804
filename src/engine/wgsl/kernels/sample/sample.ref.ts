/**
 * The CPU twin of the sampler, in double and with a sort. It says which tokens may be drawn and which one is, and how
 * far the GPU's f32 may move those answers: only a token within that of a boundary may fall on either side of it.
 */
import { FORBIDDEN, IN_PROMPT, isGreedy, REACH_NATS, type SamplingSettings } from "./sample";

export interface SamplerOperands {
  /** [vocabulary] */
  readonly logits: Float32Array;
  /** [vocabulary] IN_PROMPT, and how often the reply has the token. */
  readonly seen: Uint32Array;
  /** [vocabulary] Zeros without `usesBias`. */
  readonly bias: Float32Array;
  /** [⌈vocabulary / 32⌉] With `usesMask`: a bit for each token that may come. */
  readonly mask?: Uint32Array;
}

export interface Adjusted {
  /** [vocabulary] */
  readonly logits: Float64Array;
  /** Σ|terms| of each, [vocabulary] */
  readonly termSum: Float64Array;
}

export function adjustedLogits({ logits, seen, bias, mask }: SamplerOperands, settings: SamplingSettings): Adjusted {
  const { repetitionPenalty, frequencyPenalty, presencePenalty, usesBias, usesMask } = settings;
  const adjusted = Float64Array.from(logits);
  const termSum = new Float64Array(logits.length);
  for (const [id, raw] of logits.entries()) {
    const isForbidden = usesMask && !isInMask(mask, id);
    const added = (usesBias ? (bias[id] ?? NaN) : 0) + (isForbidden ? FORBIDDEN : 0);
    const scale = (logit: number) => (logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty);
    const occurrence = seen[id] ?? 0;
    const times = occurrence % IN_PROMPT;
    const lost = times > 0 ? frequencyPenalty * times + presencePenalty : 0;
    adjusted[id] = (occurrence > 0 ? scale(raw + added) : raw + added) - lost;
    termSum[id] = (Math.abs(raw) + Math.abs(added)) * Math.max(1, repetitionPenalty, 1 / repetitionPenalty);
    termSum[id] += frequencyPenalty * times + Math.abs(presencePenalty);
  }
  return { logits: adjusted, termSum };
}

export function isInMask(mask: Uint32Array | undefined, id: number): boolean {
  return (((mask?.[Math.floor(id / 32)] ?? 0) >>> (id % 32)) & 1) === 1;
}

export interface Kept {
  /** What can be drawn, in the order of the draw. */
  readonly ids: readonly number[];
  /** Of those ids. */
  readonly probabilities: readonly number[];
  /** Every token with this logit or more is kept, whatever f32 does. */
  readonly certain: number;
  /** No token with less than this is kept, whatever f32 does. */
  readonly possible: number;
  /** Tokens between the two. */
  readonly doubtful: number;
  /** How far f32 may move any sum of the probabilities. */
  readonly slack: number;
}

/** The least logit kept: as reckoned, at most, at least. */
interface Threshold {
  readonly exact: number;
  readonly certain: number;
  readonly possible: number;
}

/**
 * @param logits [vocabulary], adjusted
 * @returns undefined where a logit is NaN or +∞, or all are -∞
 */
export function keptTokens(logits: ArrayLike<number>, settings: SamplingSettings): Kept | undefined {
  let [largest, first] = [-Infinity, 0];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? NaN;
    if (!(logit < Infinity)) return undefined;
    if (logit > largest) [largest, first] = [logit, id];
  }
  if (largest === -Infinity) return undefined;
  if (isGreedy(settings))
    return { ids: [first], probabilities: [1], certain: largest, possible: largest, doubtful: 0, slack: 0 };

  const reach = distanceThreshold(largest, REACH_NATS * settings.temperature);
  const sorted = Float64Array.from(logits)
    .filter((logit) => logit >= reach.exact)
    .sort()
    .reverse();
  const topK = settings.topK > 0 ? sorted.filter((logit) => logit >= (sorted[settings.topK - 1] ?? -Infinity)) : sorted;
  const kth = topK.at(-1) ?? NaN;
  const thresholds = [reach, nucleusThreshold(topK, settings)];
  if (topK.length < sorted.length) thresholds.push({ exact: kth, certain: kth, possible: kth });
  if (settings.minP > 0) thresholds.push(distanceThreshold(largest, -Math.log(settings.minP) * settings.temperature));
  const strictest = (which: keyof Threshold) => Math.max(...thresholds.map((threshold) => threshold[which]));

  const ids = Array.from(logits, (_, id) => id).filter((id) => (logits[id] ?? NaN) >= strictest("exact"));
  ids.sort((a, b) => drawPlace(a) - drawPlace(b));
  const nats = ids.map((id) => (largest - (logits[id] ?? NaN)) / settings.temperature);
  const { total, error } = massOf(nats);
  const probabilities = nats.map((each) => Math.exp(-each) / total);
  const [certain, possible] = [strictest("certain"), strictest("possible")];
  const doubtful = Array.from(logits).filter((logit) => logit >= possible && logit < certain).length;
  return { ids, probabilities, certain, possible, doubtful, slack: (2 * error) / total };
}

/** Tokens no further than `distance` below the largest logit. The kernel rounds the distance and the difference. */
function distanceThreshold(largest: number, distance: number): Threshold {
  if (distance <= 0) return { exact: largest, certain: largest, possible: largest };
  const exact = largest - distance;
  const error = 2 ** -23 * (Math.abs(largest) + distance);
  return { exact, certain: Math.min(largest, exact + error), possible: exact - error };
}

/** The smallest set of the likeliest tokens whose mass reaches topP, with all that tie with its last. */
function nucleusThreshold(descending: Float64Array, { temperature, topP }: SamplingSettings): Threshold {
  const largest = descending[0] ?? NaN;
  if (topP >= 1) return { exact: -Infinity, certain: -Infinity, possible: -Infinity };
  const all = massOf(descending, (logit) => (largest - logit) / temperature);
  const threshold = { exact: largest, certain: largest, possible: largest };
  let [above, error, from] = [0, 0, 0];
  while (from < descending.length) {
    const logit = descending[from] ?? NaN;
    const slack = error + topP * all.error + all.total * 2 ** -31;
    if (above - slack >= topP * all.total) break;
    threshold.possible = logit;
    if (above < topP * all.total) threshold.exact = logit;
    if (above + slack < topP * all.total) threshold.certain = logit;
    let to = from;
    while (descending[to] === logit) to++;
    const level = massOf(descending.subarray(from, to), () => (largest - logit) / temperature);
    [above, error, from] = [above + level.total, error + level.error, to];
  }
  return threshold;
}

/**
 * Σ exp(−nats), and what of it the kernel may be off by: WGSL's exp has 3 + 2·nats units in the last place, its
 * argument comes of three roundings, and the result is cut to whole 2^-45.
 */
function massOf(values: Iterable<number>, natsOf = (nats: number) => nats): { total: number; error: number } {
  let [total, error] = [0, 0];
  for (const value of values) {
    const nats = natsOf(value);
    total += Math.exp(-nats);
    error += Math.exp(-nats) * (3 + 3.5 * nats) * 2 ** -23 + 2 ** -45;
  }
  return { total, error };
}

/** The draw goes through the tokens by their lowest 8 bits, then the next 8, then the rest: see search.wgsl. */
export function drawPlace(id: number): number {
  return ((id & 255) << 16) | (id & 0xff00) | (id >>> 16);
}

export interface Drawn {
  readonly token: number;
  /** How far the random number is from where the token before or behind would be drawn; compare with `slack`. */
  readonly margin: number;
}

export function drawToken({ ids, probabilities }: Kept, seed: number, position: number): Drawn {
  const random = randomBits(seed, position) / 2 ** 32;
  let before = 0;
  for (const [i, probability] of probabilities.entries()) {
    const through = before + probability;
    const isLast = i === ids.length - 1;
    if (random < through || isLast) {
      const margins = [i === 0 ? 1 : random - before, isLast ? 1 : through - random];
      return { token: ids[i] ?? NaN, margin: Math.min(...margins) };
    }
    before = through;
  }
  throw new RangeError("There is no token to draw.");
}

/** 32 random bits for a seed and a position: see arithmetic.wgsl. */
export function randomBits(seed: number, position: number): number {
  return philox2x32([position, 0], seed)[0];
}

/** Philox2x32-10 (Salmon et al., SC 2011), of a counter of two words and a key of one. */
export function philox2x32(counter: readonly [number, number], key: number): [number, number] {
  let [x, y] = [counter[0] >>> 0, counter[1] >>> 0];
  for (let round = 0; round < 10; round++) {
    const product = 0xd256d193n * BigInt(x);
    const roundKey = (key + round * 0x9e3779b9) >>> 0;
    [x, y] = [(Number(product >> 32n) ^ roundKey ^ y) >>> 0, Number(product & 0xffffffffn)];
  }
  return [x, y];
}
