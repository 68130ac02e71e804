/** WebLLM itself: in a chunk of its own, which is fetched when a first model needs it. */
export { MLCEngine } from "@mlc-ai/web-llm";
