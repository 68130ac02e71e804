/** A tiny model for tests in which one is talked with. */
import { tinyMlc } from "./tiny-mlc";

/** A tiny model that knows letters, so that it can be told something and says something, however senseless. */
export function talkingMlc(quantization: "q0f16" | "q4f16_1" | "q4f32_1"): ReadonlyMap<string, Buffer> {
  const letters = Array.from("abcdefghijklmnopqrstuvwxyzT.Ġ", (letter, i) => [letter, i + 4] as const);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  const tokenizer = {
    model: { type: "BPE", vocab: { t0: 0, t1: 1, t2: 2, t3: 3, ...Object.fromEntries(letters) }, merges: [] },
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
  };
  const template = "{% for message in messages %}{{ message.content }}{% endfor %}";
  return new Map<string, Buffer>([
    ...Array.from(tinyMlc({ quantization }), ([name, bytes]) => [name, Buffer.from(bytes)] as const),
    ["tokenizer.json", Buffer.from(JSON.stringify(tokenizer))],
    ["tokenizer_config.json", Buffer.from(JSON.stringify({ chat_template: template }))],
  ]);
}
