/** Why a build is to run on one engine and not on the other. Pure. */
import { formatNumber } from "../shared/units";
import { ENGINE_NAMES, type EngineVerdict, type FitSettings } from "./verdict";

/** @param judged the build with every engine that was asked for, the chosen one among them. */
export function engineReasonOf(
  chosen: EngineVerdict,
  judged: readonly EngineVerdict[],
  { engine: wished }: FitSettings,
): string {
  const name = ENGINE_NAMES[chosen.engine];
  const other = judged.find(({ engine }) => engine !== chosen.engine);
  if (other === undefined) {
    return wished === chosen.engine && chosen.build.engines.length > 1
      ? `${name}, as you chose.`
      : `${name}: no other engine runs ${chosen.build.quantization}.`;
  }
  const otherName = ENGINE_NAMES[other.engine];
  const [speed, otherSpeed] = [chosen.speed, other.speed];
  if (other.state !== chosen.state || other.obstacles > chosen.obstacles) {
    return `${name}. With ${otherName} it is less sure to run: ${other.reasons[0] ?? ""}`;
  }
  if (speed !== undefined && otherSpeed !== undefined) {
    const [fast, slow] = [speed, otherSpeed].map(({ tokensPerSecond }) => formatNumber(tokensPerSecond));
    if (speed.isMeasured && otherSpeed.isMeasured) {
      return `${name}: measured here, it gives ${fast} tokens/s, ${otherName} ${slow}.`;
    }
  }
  return chosen.engine === "webllm"
    ? `${name}, whose code is compiled for this model. Compare the engines once it is here.`
    : `${name}: about ${formatNumber(speed?.tokensPerSecond ?? 0)} tokens/s are expected with it, ${formatNumber(otherSpeed?.tokensPerSecond ?? 0)} with ${otherName}.`;
}
