import { WgslEngine } from "../../src/engine/wgsl/engine";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import type { KernelChoice } from "../../src/engine/wgsl/model/choice";
import { starterUrl } from "../gpu/helpers/models";
import { engineSuite } from "./engine-suite";

const chosen = new Map<string, KernelChoice>();

engineSuite({
  name: "wgsl",
  timeout: 120_000,
  open: () =>
    Promise.resolve({
      engine: new WgslEngine({
        openGpu: () => openGpu(navigator.gpu),
        memory: {
          get: (key) => Promise.resolve(chosen.get(key)),
          set: (key, choice) => Promise.resolve(void chosen.set(key, choice)),
        },
        page: new URL(location.href),
        openStored: () => Promise.reject(new Error("Nothing is stored here.")),
      }),
      source: { kind: "url", url: starterUrl },
    }),
});
