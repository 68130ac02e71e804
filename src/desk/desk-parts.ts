/** What a desk is put together of. Types only. */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { CapabilityReport } from "../probe/report";
import type { ModelClient } from "../worker/model-client";
import type { StoreClient } from "../worker/store-client";
import type { DescribeParts } from "./before-download";
import type { DeskSettings } from "./entries";
import type { SharedGpuParts } from "./shared-gpu";
import type { SpeedMemory } from "./speeds";

export interface DeskParts {
  readonly report: CapabilityReport;
  readonly catalogue: readonly CatalogueModel[];
  readonly store: Pick<
    StoreClient,
    | "describe"
    | "download"
    | "import"
    | "list"
    | "listUnfinished"
    | "remove"
    | "removeAll"
    | "usage"
    | "verify"
    | "watch"
  >;
  readonly model: Pick<
    ModelClient,
    "load" | "loaded" | "unload" | "generate" | "whenLost" | "rehearse" | "dropOldestTurns"
  >;
  /** What tabs speak by, so that one has the model for all; undefined for a tab by itself. */
  readonly tabs: SharedGpuParts["tabs"];
  readonly settings: DeskSettings;
  readonly speeds: SpeedMemory;
  readonly canReach: DescribeParts["canReach"];
  readonly save: (settings: DeskSettings) => void;
  /** Measures the device. */
  readonly measure: () => Promise<CapabilityReport>;
  /** [GiB] As `navigator.deviceMemory` says. */
  readonly deviceMemory: number | undefined;
  /** The page's own address, beside which the starter model is. */
  readonly page: string;
}
