import type { AdapterInfo } from "./report";
import { reportWords } from "./words";

const VENDORS: Readonly<Record<string, string>> = {
  amd: "AMD",
  apple: "Apple",
  arm: "ARM",
  "img-tec": "Imagination",
  intel: "Intel",
  nvidia: "NVIDIA",
  qualcomm: "Qualcomm",
  google: "Google",
  mesa: "Mesa",
  microsoft: "Microsoft",
};

/** A GPU's name as people would say it, from whatever the browser gives: "NVIDIA ada-lovelace GPU"; else `unnamed`. */
export function adapterName(
  { vendor, architecture, device, description }: AdapterInfo,
  unnamed = reportWords.unnamedGpu,
): string {
  if (description) return description;
  if (architecture === "swiftshader") return "SwiftShader";
  const maker = vendor ? makerOf(vendor) : "";
  const family = architecture || device || "";
  if (maker === "" && family === "") return unnamed;
  return [maker, family, "GPU"].filter((part) => part !== "").join(" ");
}

function makerOf(vendor: string): string {
  const key = vendor.toLowerCase();
  return Object.hasOwn(VENDORS, key) ? (VENDORS[key] ?? vendor) : vendor;
}

/** Software that stands in for a GPU: right, and tens of times slower. */
export function isSoftwareAdapter(info: AdapterInfo): boolean {
  if (info.isFallbackAdapter === true) return true;
  const text = `${info.architecture ?? ""} ${info.device ?? ""} ${info.description ?? ""}`.toLowerCase();
  return /swiftshader|llvmpipe|lavapipe|basic render driver|\bwarp\b/.test(text);
}
