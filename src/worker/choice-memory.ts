/** Remembers which kernels were fastest on an adapter, in IndexedDB. */
import { createStore, get, set, type UseStore } from "idb-keyval";
import type { ChoiceMemory } from "../engine/wgsl/model/choose";

let opened: UseStore | undefined;
/** Opened when first used: where IndexedDB is refused, that is when it throws. */
const store = () => (opened ??= createStore("ingle-kernels", "choices"));

export const choiceMemory: ChoiceMemory = {
  get: async (key) => get<unknown>(key, store()),
  set: async (key, choice) => set(key, choice, store()),
};
