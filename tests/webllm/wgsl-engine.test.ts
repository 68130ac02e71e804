import { WgslEngine } from "../../src/engine/wgsl/engine";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { choiceMemory } from "../../src/worker/choice-memory";
import { starterUrl } from "../gpu/helpers/models";
import { engineSuite } from "./engine-suite";

engineSuite({
  name: "wgsl",
  timeout: 120_000,
  open: () =>
    Promise.resolve({
      engine: new WgslEngine({
        openGpu: () => openGpu(navigator.gpu),
        memory: choiceMemory, // the worker's own: what is chosen once need not be chosen there again
        page: new URL(location.href),
        openStored: () => Promise.reject(new Error("Nothing is stored here.")),
      }),
      source: { kind: "url", url: starterUrl },
    }),
});
