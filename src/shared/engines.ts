/** The engines there are: WebLLM, with its compiled libraries, and Ingle's own. */
export const ENGINES = ["webllm", "wgsl"] as const;
export type EngineName = (typeof ENGINES)[number];
