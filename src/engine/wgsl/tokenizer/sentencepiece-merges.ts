/**
 * SentencePiece files hold a score for each token and no merges: at every step the pair is merged whose result has the
 * best score. Here the same as a list of merges, best first, the way Hugging Face converts such files.
 */
import { invalid } from "./parts";

/** Work allowed for trying every cut of every token, in characters copied. Llama's 32,000 tokens need 2 million. */
const MAX_WORK = 200_000_000;

interface Merge {
  readonly left: string;
  readonly right: string;
  readonly score: number;
}

/**
 * @param vocabulary Text and id of the tokens that text can become: no special tokens, no bytes.
 * @param scores By id.
 * @throws IngleError "model-invalid" when tokens are so long that they can't be a real model's.
 */
export function mergesFromScores(
  vocabulary: ReadonlyMap<string, number>,
  scores: readonly number[],
): [string, string][] {
  const merges: Merge[] = [];
  let work = 0;
  for (const [token, id] of vocabulary) {
    work += token.length * token.length;
    if (work > MAX_WORK) throw invalid("The model's tokens are too long to be real.");
    const score = scores[id] ?? 0;
    const cuts: { left: string; right: string; leftId: number; rightId: number }[] = [];
    for (let cut = 1; cut < token.length; cut++) {
      const left = token.slice(0, cut);
      const leftId = vocabulary.get(left);
      if (leftId === undefined) continue;
      const right = token.slice(cut);
      const rightId = vocabulary.get(right);
      if (rightId !== undefined) cuts.push({ left, right, leftId, rightId });
    }
    cuts.sort((a, b) => a.leftId - b.leftId || a.rightId - b.rightId);
    for (const { left, right } of cuts) merges.push({ left, right, score });
  }
  // Stable: equals stay in the order of the vocabulary.
  merges.sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length);
  return merges.map(({ left, right }) => [left, right]);
}

/**
 * Whether ▁ stands in tokens only before everything else. Then no merge crosses the place between another character
 * and ▁, and text may be cut there first: the tokens are the same, and words can be remembered.
 */
export function spacesComeFirst(vocabulary: Iterable<string>): boolean {
  for (const token of vocabulary) if (/[^▁]▁/u.test(token)) return false;
  return true;
}

/** The words of a text in ▁ spelling, cut before each ▁ that follows another character. */
export const SPACED_WORD = "▁*[^▁]+|▁+";
