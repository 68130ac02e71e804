/** The engines there are: WebLLM, with its compiled libraries, and Ingle's own. */
export const ENGINES = ["webllm", "wgsl"] as const;
export type EngineName = (typeof ENGINES)[number];
/** As people know them, in every language. */
export const ENGINE_NAMES: Readonly<Record<EngineName, string>> = { webllm: "WebLLM", wgsl: "Ingle" };
/** What can be set: one of them, or whichever is better. */
export const ENGINE_CHOICES = ["auto", ...ENGINES] as const;
