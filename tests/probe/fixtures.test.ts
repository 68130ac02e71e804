import { describe, expect, it } from "vitest";
import { adapterName } from "../../src/probe/adapter-name";
import { compareReports } from "../../src/probe/compare";
import { describe as describeReport, nested } from "../../src/probe/describe";
import { compareWithDefaults } from "../../src/probe/limits";
import { readReport, readReportText } from "../../src/probe/read-report";
import { valueOf, type CapabilityReport } from "../../src/probe/report";
import { packReport, unpackReport } from "../../src/probe/share-link";
import { reportAsText } from "../../src/probe/text";
import { judge, type VerdictLevel } from "../../src/probe/verdict";
import { readReportFixtures } from "../fixtures/read-fixtures";

const FIXTURES = readReportFixtures();

/** slug → [verdict's level, words of its sentence, GPU as the report's text names it; undefined: it can't]. */
const EXPECTED: Readonly<Record<string, readonly [VerdictLevel, string, string | undefined]>> = {
  "amd-radeon780m-chrome-windows": ["unknown", "does not say", "AMD rdna-3 GPU"],
  "amd-radeon8060s-chromium145-linux": ["unknown", "does not say", "AMD rdna-3 GPU"],
  "amd-rx6600-chromium154-linux": ["yes", "on AMD rdna-2 GPU", "AMD rdna-2 GPU"],
  "apple-ipad-safari26.6": ["yes", "on apple", "apple"],
  "apple-iphone-safari26.5-ios18.7": ["yes", "on apple", "apple"],
  "apple-iphone15pro-safari26.3": ["yes", "a GPU this browser does not describe", undefined],
  "apple-m4pro-chrome150-macos": ["yes", "on Apple M4 Pro", "Apple M4 Pro"],
  "apple-metal3-chrome151-macos": ["yes", "on Apple metal-3 GPU", "Apple metal-3 GPU"],
  "arm-pixel8a-malig715-chrome152-android16": ["yes", "on ARM valhall GPU", "ARM valhall GPU"],
  "arm-valhall-chrome-android": ["yes", "on ARM valhall GPU", "ARM valhall GPU"],
  "firefox-zen-intel-hd530-windows": ["unknown", "does not say", "a GPU this browser does not name"],
  "firefox-zen-rtx4060laptop-windows": ["unknown", "does not say", "a GPU this browser does not name"],
  "firefox151-iris-xe-linux": ["yes", "a GPU this browser does not describe", undefined],
  "firefox153-rtx4090-linux": ["yes", "a GPU this browser does not name", "a GPU this browser does not name"],
  "firefox155-windows-amd860m-rtx5050": ["yes", "a GPU this browser does not name", "a GPU this browser does not name"],
  "intel-gen12lp-chrome152-windows": ["yes", "on Intel gen-12lp GPU", "Intel gen-12lp GPU"],
  "intel-iris-xe-chrome148-linux": ["yes", "on Intel gen-12lp GPU", "Intel gen-12lp GPU"],
  "nvidia-kepler-chrome116": ["unknown", "does not say", "NVIDIA kepler GPU"],
  "nvidia-rtx4060-chrome151-windows": ["yes", "on NVIDIA lovelace GPU", "NVIDIA lovelace GPU"],
  "nvidia-rtx4070-chrome150-windows": ["yes", "on NVIDIA GeForce RTX 4070", "NVIDIA GeForce RTX 4070"],
  "nvidia-rtx4090-chrome150-linux": ["yes", "on NVIDIA lovelace GPU", "NVIDIA lovelace GPU"],
  "nvidia-rtx4090laptop-chrome-linux-full": ["yes", "on NVIDIA lovelace GPU", "NVIDIA lovelace GPU"],
  "qualcomm-adreno7xx-samsung-internet30-android16": ["yes", "on Qualcomm adreno-7xx GPU", "Qualcomm adreno-7xx GPU"],
  "qualcomm-x-elite-chrome131-windows-arm": ["unknown", "does not say", "adreno-8xx GPU"],
  "samsung-xclipse920-s22ultra-chrome150-android": ["yes", "on Samsung Xclipse 920", "Samsung Xclipse 920"],
};

function reportOf(slug: string): CapabilityReport {
  const fixture = FIXTURES.find((each) => each.slug === slug);
  if (fixture === undefined) throw new Error(`There is no fixture ${slug}.`);
  return readReport(fixture.report);
}

const adapterOf = (report: CapabilityReport) => report.adapters.highPerformance;
const infoOf = (report: CapabilityReport) => valueOf(nested(adapterOf(report), ({ info }) => info));
const limitsOf = (report: CapabilityReport) => valueOf(nested(adapterOf(report), ({ limits }) => limits));
const featuresOf = (report: CapabilityReport) => valueOf(nested(adapterOf(report), ({ features }) => features));

const CLASSES: Readonly<Record<string, (report: CapabilityReport) => boolean>> = {
  "Apple silicon Mac": (report) => valueOf(report.browser.system) === "macOS" && infoOf(report)?.vendor === "apple",
  "iPhone or iPad": (report) =>
    valueOf(report.browser.name) === "Safari" && /^i(?:Pad)?OS$/.test(valueOf(report.browser.system) ?? ""),
  Intel: (report) => infoOf(report)?.vendor === "intel",
  NVIDIA: (report) => infoOf(report)?.vendor === "nvidia",
  AMD: (report) => infoOf(report)?.vendor === "amd",
  Adreno: (report) => infoOf(report)?.vendor === "qualcomm",
  Mali: (report) => infoOf(report)?.vendor === "arm",
  Firefox: (report) => valueOf(report.browser.name) === "Firefox",
};

describe("the collection", () => {
  it("is what the table expects, no file more or less", () => {
    expect(FIXTURES.map(({ slug }) => slug)).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(CLASSES))("has %s", (_name, belongs) => {
    expect(FIXTURES.filter(({ slug }) => belongs(reportOf(slug))).length).toBeGreaterThan(0);
  });
});

describe.each(FIXTURES)("$slug", ({ slug, source, report: json }) => {
  const report = readReport(json);
  const [level, words, name] = EXPECTED[slug] ?? ["no", "not in the table", undefined];

  it("says where it comes from", () => {
    expect(new URL(source.url).protocol).toBe("https:");
    for (const text of [source.quote, source.device, source.doubts]) expect(text.trim()).not.toBe("");
    expect(report.createdAt).toBe(`${source.readOn}T00:00:00.000Z`);
  });

  it("is read as it stands, as JSON and as text", () => {
    expect(report).toEqual(json);
    expect(readReportText(JSON.stringify(json))).toEqual(json);
  });

  it("has whole, sorted lists, and the parts of one nowhere but in its source", () => {
    const features = featuresOf(report);
    if (features !== undefined) expect(features).toEqual([...new Set(features)].sort());
    if (source.partialFeatures !== undefined) expect(features).toBeUndefined();
    for (const value of Object.values(limitsOf(report) ?? { none: 1 })) expect(Number.isSafeInteger(value)).toBe(true);
    expect(limitsOf(report)).not.toEqual({});
  });

  it("gets its verdict", () => {
    const verdict = judge(report);
    expect(verdict.level).toBe(level);
    expect(verdict.sentence).toContain(words);
  });

  it("is described in words", () => {
    for (const { rows } of describeReport(report)) {
      expect(rows.length).toBeGreaterThan(0);
      for (const { label, text, against, reason } of rows) {
        for (const part of [label, text, against?.text ?? "-", reason?.message ?? "-"]) {
          expect(part).not.toBe("");
          expect(part).not.toMatch(/undefined|NaN|\[object|Infinity/);
        }
      }
    }
  });

  it("names its GPU as text", () => {
    const text = reportAsText(report);
    const info = infoOf(report);
    expect(info === undefined ? undefined : adapterName(info)).toBe(name);
    expect(text).toMatch(new RegExp(`^ {2}GPU +${name ?? "unknown: The source does not say\\."}$`, "m"));
    expect(text).not.toMatch(/undefined|NaN|\[object|Infinity/);
  });

  it("has no limit below WebGPU's default, which no adapter may have", () => {
    const worse = compareWithDefaults(limitsOf(report) ?? {}).filter(({ standing }) => standing === "worse");
    expect(worse).toEqual([]);
  });

  it("comes out of a link as it went in", async () => {
    const payload = await packReport(report);
    expect(payload.length).toBeLessThan(4096);
    expect(readReport(await unpackReport(payload))).toEqual(report);
  });

  it("is the same as itself", () => {
    const rows = compareReports(report, report).flatMap((section) => section.rows);
    expect(rows.filter(({ same }) => !same)).toEqual([]);
    expect(rows.length).toBeGreaterThan(25);
  });
});

describe("standings against the defaults, checked by hand", () => {
  it.each([
    ["apple-ipad-safari26.6", "maxBindGroups", 11, "better"],
    ["apple-ipad-safari26.6", "maxStorageBufferBindingSize", 715_827_880, "better"],
    ["apple-ipad-safari26.6", "minStorageBufferOffsetAlignment", 32, "better"],
    ["apple-ipad-safari26.6", "maxComputeWorkgroupsPerDimension", 65_535, "default"],
    ["apple-ipad-safari26.6", "maxInterStageShaderComponents", 124, "unlisted"],
    ["qualcomm-adreno7xx-samsung-internet30-android16", "maxStorageBufferBindingSize", 134_217_728, "default"],
    ["qualcomm-adreno7xx-samsung-internet30-android16", "maxBufferSize", 1_073_741_824, "better"],
    ["nvidia-kepler-chrome116", "maxStorageBuffersPerShaderStage", 8, "default"],
    ["nvidia-kepler-chrome116", "maxComputeWorkgroupStorageSize", 49_152, "better"],
    ["nvidia-kepler-chrome116", "minUniformBufferOffsetAlignment", 256, "default"],
    ["firefox-zen-rtx4060laptop-windows", "maxComputeInvocationsPerWorkgroup", 768, "better"],
    ["firefox-zen-rtx4060laptop-windows", "maxColorAttachmentBytesPerSample", 32, "default"],
    ["amd-radeon8060s-chromium145-linux", "maxTextureDimension3D", 2048, "default"],
    ["arm-valhall-chrome-android", "maxStorageBufferBindingSize", 268_435_456, "better"],
  ])("%s: %s is %d, %s", (slug, name, value, standing) => {
    const found = compareWithDefaults(limitsOf(reportOf(slug)) ?? {}).find((each) => each.name === name);
    expect(found).toMatchObject({ value, standing });
  });

  it.each([
    ["nvidia-rtx4090-chrome150-linux", "shader-f16"],
    ["firefox-zen-intel-hd530-windows", "shader-f16"],
    ["nvidia-kepler-chrome116", "WebLLM"],
  ])("%s is noted for %s", (slug, words) => {
    expect(judge(reportOf(slug)).notes.join(" ")).toContain(words);
  });
});

describe("two devices, compared by hand", () => {
  const ADRENO = "qualcomm-adreno7xx-samsung-internet30-android16";
  const RTX = "nvidia-rtx4060-chrome151-windows";
  it.each([
    [ADRENO, RTX, "maxBufferSize", "1 GiB", "2 GiB", "2 × as much"],
    [RTX, ADRENO, "maxBufferSize", "2 GiB", "1 GiB", "2 × less"],
    [ADRENO, RTX, "maxStorageBufferBindingSize", "128 MiB", "2 GiB", "16 × as much"],
    [ADRENO, RTX, "maxStorageBuffersPerShaderStage", "10", "16", "1.6 × as much"],
    [ADRENO, RTX, "maxSampledTexturesPerShaderStage", "16", "48", "3 × as much"],
    [ADRENO, RTX, "maxComputeWorkgroupStorageSize", "32 KiB", "32 KiB", "the same"],
    [ADRENO, RTX, "maxImmediateSize", undefined, "64 B", "only in the other"],
    [ADRENO, RTX, "shader-f16", "yes", "yes", "the same"],
    [ADRENO, RTX, "texture-compression-astc", "yes", undefined, "only in this"],
    [ADRENO, RTX, "float32-filterable", undefined, "yes", "only in the other"],
    [ADRENO, RTX, "vendor", "qualcomm", "nvidia", "differs"],
    [
      "apple-ipad-safari26.6",
      "apple-metal3-chrome151-macos",
      "minStorageBufferOffsetAlignment",
      "32 B",
      "256 B",
      "8 × as much",
    ],
    ["apple-ipad-safari26.6", "apple-metal3-chrome151-macos", "maxBufferSize", "683 MiB", "4 GiB", "6 × as much"],
    [
      "nvidia-kepler-chrome116",
      "apple-ipad-safari26.6",
      "maxInterStageShaderComponents",
      "60",
      "124",
      "2.07 × as much",
    ],
  ])("%s and %s: %s", (first, second, key, ofFirst, ofSecond, difference) => {
    const rows = compareReports(reportOf(first), reportOf(second)).flatMap((section) => section.rows);
    expect(rows.find((row) => row.key === key)).toMatchObject({ first: ofFirst, second: ofSecond, difference });
  });
});
