/** Why a build is to run on one engine and not on the other. Pure. */
import { ENGINE_NAMES } from "../shared/engines";
import { formatNumber } from "../shared/units";
import type { EngineVerdict, FitSettings } from "./verdict";
import { fitWords } from "./words";

/** @param judged the build with every engine that was asked for, the chosen one among them. */
export function engineReasonOf(
  chosen: EngineVerdict,
  judged: readonly EngineVerdict[],
  { engine: wished, stored, words = fitWords }: FitSettings,
): string {
  const name = ENGINE_NAMES[chosen.engine];
  const other = judged.find(({ engine }) => engine !== chosen.engine);
  if (other === undefined) {
    return wished === chosen.engine && chosen.build.engines.length > 1
      ? words.engineChosen(name)
      : words.engineOnly(name, chosen.build.quantization);
  }
  const otherName = ENGINE_NAMES[other.engine];
  const why = other.reasons[0] ?? "";
  const isOurs = chosen.engine === "wgsl";
  if (other.state === "does-not-fit" && (isOurs || chosen.state !== "does-not-fit")) {
    return words.engineOtherCannot(name, otherName, why);
  }
  if (isOurs && stored?.get(chosen.build.id)?.hasLibrary === false) {
    return words.engineNoLibrary(name, otherName);
  }
  const [speed, otherSpeed] = [chosen.speed, other.speed];
  if (speed?.isMeasured && otherSpeed?.isMeasured) {
    return words.engineMeasured(name, tokens(speed), otherName, tokens(otherSpeed));
  }
  // That is the only thing left that keeps Auto from WebLLM.
  return isOurs ? words.engineLessRoom(name, otherName, why) : words.engineCompiled(name);
}

const tokens = ({ tokensPerSecond }: NonNullable<EngineVerdict["speed"]>) => formatNumber(tokensPerSecond);
