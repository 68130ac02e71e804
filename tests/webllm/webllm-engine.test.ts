/**
 * WebLLM with a library compiled for it: none is in any registry. Give a folder with one, as the public repository
 * mlc-ai/binary-mlc-llm-libs has them (its v0_2_48 ones load in web-llm 0.2.79, which is why that is here):
 *
 *     INGLE_MLC_LIBS=/path npm run gpu -- tests/webllm/webllm-engine.test.ts
 *
 * With a folder given, web-llm 0.2.79 takes the place of the release that Ingle is built with (vitest.gpu.config.ts), in
 * the worker, too. The weights are made up in MLC's format; all else is the way that a downloaded model goes.
 */
import { inject, it } from "vitest";
import { WebLlmEngine } from "../../src/engine/webllm/webllm-engine";
import { importModel, openStored, removeEverything } from "../../src/store/store";
import { engineSuite } from "./engine-suite";
import { madeUpModel } from "./made-up-model";

const folder = inject("mlcLibraries");
/** No shader-f16 on the software adapter. */
const LIBRARY = "Qwen2-0.5B-Instruct-q4f32_1-ctx4k_cs1k-webgpu.wasm";
const ID = "made-up";

if (folder === "") {
  console.error("WebLLM DID NOT GENERATE ANYTHING IN THIS RUN: no compiled library was given (INGLE_MLC_LIBS).");
  it.skip("generates with a compiled library: DID NOT RUN, as INGLE_MLC_LIBS names no folder");
} else {
  let imported: Promise<unknown> | undefined;
  engineSuite({
    name: "webllm",
    timeout: 1_200_000,
    // The first token comes from the prompt's own computation, and this release counts the others.
    counted: (tokens) => tokens - 1,
    async open() {
      imported ??= importMadeUp();
      await imported;
      const engine = new WebLlmEngine({ api: navigator.gpu, openStored });
      return { engine, source: { kind: "stored", id: ID } };
    },
  });
}

async function importMadeUp(): Promise<void> {
  await removeEverything();
  const response = await fetch(`/@fs${folder}/${LIBRARY}`);
  if (!response.ok) throw new Error(`${folder} has no ${LIBRARY}.`);
  const library = new Uint8Array(await response.arrayBuffer());
  const files = madeUpModel(library, LIBRARY);
  await importModel({ id: ID, name: "Made up" }, files, { signal: new AbortController().signal, inPlace: false });
}
