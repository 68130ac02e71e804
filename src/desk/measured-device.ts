/** The device that models are judged for: as its report says, with speeds as they were last measured. */
import type { FitDevice } from "../fit/device";
import { isKnown, type CapabilityReport } from "../probe/report";
import { IngleError } from "../shared/errors";
import type { SpeedMemory } from "./speeds";

export interface MeasuredDeviceParts {
  readonly report: CapabilityReport;
  readonly speeds: SpeedMemory;
  /** Measures it. */
  readonly measure: () => Promise<CapabilityReport>;
}

export class MeasuredDevice {
  readonly #parts: MeasuredDeviceParts;
  readonly #onChange: () => void;
  #facts: FitDevice;
  #measuring: Promise<void> | undefined;

  constructor(parts: MeasuredDeviceParts, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
    this.#facts = parts.speeds.deviceOf(parts.report);
  }

  get facts(): FitDevice {
    return this.#facts;
  }

  get isMeasuring(): boolean {
    return this.#measuring !== undefined;
  }

  /** Ten seconds or so. Asked for twice at once, it is done once. @throws IngleError "gpu-wrong" with the reason */
  async measure(): Promise<void> {
    this.#measuring ??= this.#measure();
    this.#onChange();
    await this.#measuring;
  }

  async #measure(): Promise<void> {
    try {
      const report = await this.#parts.measure();
      this.#facts = this.#parts.speeds.deviceOf(report);
      const { readBandwidth } = report.measurements;
      if (!isKnown(readBandwidth)) throw new IngleError("gpu-wrong", readBandwidth.reason.message);
    } finally {
      this.#measuring = undefined;
      this.#onChange();
    }
  }
}
