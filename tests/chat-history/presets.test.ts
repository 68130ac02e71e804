/** Presets as they are kept, in a real IndexedDB. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { put, transact } from "../../src/chat/database";
import { ChatHistory } from "../../src/chat/history";
import { listPresets, removeAllPresets, removePreset, savePresets, type Preset } from "../../src/chat/presets";
import { refused } from "../helpers/refused";

beforeEach(removeAllPresets);

describe("presets", () => {
  const preset: Preset = {
    id: "p",
    name: "Poet",
    systemPrompt: "Rhyme.",
    model: undefined,
    sampling: { temperature: 1 },
    contextLength: 2048,
    maxTokens: 40,
  };

  it("are kept, replaced, removed, and no broken one hides another", async () => {
    const told: unknown[] = [];
    const history = new ChatHistory({ onProblem: (problem) => told.push(problem) });
    onTestFinished(() => history.close());
    history.watch((news) => told.push(news.type));
    await savePresets([preset]);
    await savePresets([{ ...preset, id: "a", name: "Analyst" }]);
    await savePresets([{ ...preset, systemPrompt: "Do not rhyme." }]);
    await transact("readwrite", (records) => {
      put(records, ["preset", "broken"], { version: 1, name: 7 });
      put(records, ["preset", "newer"], { version: 2, name: "Newer" });
      return Promise.resolve();
    });
    expect(await listPresets()).toEqual([
      { ...preset, id: "a", name: "Analyst" },
      { ...preset, systemPrompt: "Do not rhyme." },
    ]);
    await expect(savePresets([{ ...preset, sampling: { topP: 2 } }])).rejects.toMatchObject(
      refused("request-invalid", /sampling\.topP is not as it should be/),
    );
    await removePreset("p");
    expect((await listPresets()).map(({ id }) => id)).toEqual(["a"]);
    await vi.waitFor(() => expect(told).toEqual(Array(4).fill("presets-changed")));
  });
});
