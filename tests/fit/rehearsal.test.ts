/** What a rehearsal asks for, and which model is taken after it. */
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { stated, UNKNOWN_BUDGET } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { fit, type ModelVerdict } from "../../src/fit/fit";
import { buffersOf, type Rehearsal } from "../../src/fit/rehearsal";
import { rehearseDown } from "../../src/fit/rehearse-down";
import { DEFAULT_SETTINGS } from "../../src/fit/verdict";
import { GiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";

const device = deviceOf(makeReport());
const { verdicts } = fit(device, stated(64 * GiB), CATALOGUE, DEFAULT_SETTINGS);

function verdictOf(id: string): ModelVerdict {
  const found = verdicts.find(({ model }) => model.id === id);
  if (found === undefined) throw new Error(`The catalogue has no ${id}.`);
  return found;
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

it("asks for what the model needs and no more", () => {
  for (const { model, all } of verdicts) {
    for (const verdict of all) {
      const total = sum(buffersOf(model, verdict));
      expect(Math.abs(total - verdict.bytes.total)).toBeLessThan(1000); // bytes are rounded up
    }
  }
});

/** A GPU that has so much, and gives no more. */
const gpuOf =
  (bytes: number) =>
  (sizes: readonly number[]): Promise<Rehearsal> => {
    const wanted = sum(sizes);
    if (wanted <= bytes)
      return Promise.resolve({ outcome: "passed", bytes: wanted, bandwidth: { alone: 1, together: 1 } });
    return Promise.resolve({ outcome: "failed", bytes, bandwidth: undefined, reason: "The GPU gave no more." });
  };

describe("stepping down", () => {
  const parts = (rehearse: ReturnType<typeof gpuOf>) => ({
    device,
    catalogue: CATALOGUE,
    settings: DEFAULT_SETTINGS,
    rehearse,
  });

  it("takes what is wanted where there is room", async () => {
    const wanted = verdictOf("Qwen2.5-3B-Instruct");
    const { verdict, given, budget } = await rehearseDown(wanted, parts(gpuOf(16 * GiB)));
    expect(verdict).toBe(wanted);
    expect(given).toEqual([]);
    // Proved, and enough for the model: nothing is kept back of it.
    expect(fit(device, budget, [wanted.model], DEFAULT_SETTINGS).verdicts[0]?.best.state).toBe("fits");
  });

  it("goes on to the next that fits what was there, and says why", async () => {
    const { verdict, given } = await rehearseDown(verdictOf("Llama-3.1-8B-Instruct"), parts(gpuOf(2 * GiB)));
    expect(verdict?.model.parameters).toBeLessThan(3e9);
    expect(verdict?.model.isGeneral).toBe(true);
    expect(given).toEqual([{ id: "Llama-3.1-8B-Instruct", reason: "The GPU gave no more." }]);
  });

  it("ends where there is room for none, and where nothing is known of how much there was", async () => {
    const { verdict, given } = await rehearseDown(verdictOf("Llama-3.1-8B-Instruct"), parts(gpuOf(0)));
    expect(verdict).toBeUndefined();
    expect(given.length).toBeGreaterThan(2);
    expect(new Set(given.map(({ id }) => id)).size).toBe(given.length);
    expect(UNKNOWN_BUDGET.bytes).toBeUndefined();
  });
});
