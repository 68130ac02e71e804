/** What an MLC model's files are called, wherever they come from. */

/** Architecture, quantisation, sampling, and which files its tokenizer has. */
export const MLC_CONFIG = "mlc-chat-config.json";
/** The list of its tensors and shards, as it is called since 2025, and as it was before. */
export const MLC_LISTS = ["tensor-cache.json", "ndarray-cache.json"] as const;
