/** Sessions for tests, without the worker around them. */
import type { GenerateEvent, GenerateRequest, Session, Usage } from "../../../src/engine/engine";
import { samplingDefaults } from "../../../src/engine/wgsl/generate/sampling";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { openGpu, type Gpu } from "../../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE } from "../../../src/engine/wgsl/model/choice";
import { loadModel } from "../../../src/engine/wgsl/model/loaded-model";
import { WgslSession } from "../../../src/engine/wgsl/session";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer";
import { never } from "./models";

export interface OpenedSession {
  readonly gpu: Gpu;
  readonly session: Session;
}

export async function openSession(
  file: ModelFile,
  options: { readonly gpu?: Gpu; readonly contextLength?: number; readonly tokensPerSubmit?: number } = {},
): Promise<OpenedSession> {
  const gpu = options.gpu ?? (await openGpu(navigator.gpu));
  const tokenizer = openTokenizer(file.tokenizer);
  const model = await loadModel(gpu, file, {
    kv: "f32",
    choice: PLAIN_CHOICE,
    contextLength: options.contextLength,
    sampledTokens: tokenizer.vocabularySize,
    signal: never,
  });
  const sampling = samplingDefaults(file.sampling);
  const { tokensPerSubmit } = options;
  return { gpu, session: new WgslSession({ model, tokenizer, name: file.name, sampling, tokensPerSubmit }) };
}

export interface Reply {
  readonly text: string;
  readonly usage: Usage;
  readonly finishReason: string;
  readonly events: readonly GenerateEvent[];
}

export async function reply(session: Session, request: GenerateRequest, signal = never): Promise<Reply> {
  const events: GenerateEvent[] = [];
  for await (const event of session.generate(request, signal)) events.push(event);
  const end = events.at(-1);
  if (end?.type !== "end") throw new Error("The reply has no end.");
  const text = events.map((event) => (event.type === "text" ? event.text : "")).join("");
  return { text, usage: end.usage, finishReason: end.finishReason, events };
}
