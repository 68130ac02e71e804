/** Why a build is to run on one engine and not on the other. Pure. */
import { ENGINE_NAMES } from "../shared/engines";
import { formatNumber } from "../shared/units";
import type { EngineVerdict, FitSettings } from "./verdict";

/** @param judged the build with every engine that was asked for, the chosen one among them. */
export function engineReasonOf(
  chosen: EngineVerdict,
  judged: readonly EngineVerdict[],
  { engine: wished, stored }: FitSettings,
): string {
  const name = ENGINE_NAMES[chosen.engine];
  const other = judged.find(({ engine }) => engine !== chosen.engine);
  if (other === undefined) {
    return wished === chosen.engine && chosen.build.engines.length > 1
      ? `${name}, as you chose.`
      : `${name}: no other engine runs ${chosen.build.quantization}.`;
  }
  const otherName = ENGINE_NAMES[other.engine];
  const why = other.reasons[0] ?? "";
  if (other.state === "does-not-fit" && chosen.state !== "does-not-fit") {
    return `${name}. ${otherName} can't run this build here: ${why}`;
  }
  if (chosen.engine === "wgsl" && stored?.get(chosen.build.id)?.hasLibrary === false) {
    return `${name}: it was got without ${otherName}'s library. Remove it and get it again to have that, too.`;
  }
  if (other.state !== chosen.state) return `${name}. With ${otherName} there is less room: ${why}`;
  const [speed, otherSpeed] = [chosen.speed, other.speed];
  if (speed?.isMeasured && otherSpeed?.isMeasured) {
    return `${name}: measured here, it gives ${tokens(speed)} tokens/s, ${otherName} ${tokens(otherSpeed)}.`;
  }
  return chosen.engine === "webllm" || speed === undefined || otherSpeed === undefined
    ? `${name}, whose code is compiled for this model. Compare the engines once it is here.`
    : `${name}: about ${tokens(speed)} tokens/s are expected with it, ${tokens(otherSpeed)} with ${otherName}.`;
}

const tokens = ({ tokensPerSecond }: NonNullable<EngineVerdict["speed"]>) => formatNumber(tokensPerSecond);
