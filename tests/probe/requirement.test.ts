import { describe, expect, it } from "vitest";
import { checkRequirement, parseRequirement } from "../../src/probe/requirement";
import { known, unknown } from "../../src/probe/report";
import { GiB, KiB, MiB } from "../../src/shared/units";
import { makeAdapter } from "../fixtures/make-report";

const invalid = () => expect.objectContaining({ code: "requirement-invalid" }) as Error;

describe("parseRequirement", () => {
  it.each(["shader-f16", "subgroups", "texture-compression-bc-sliced-3d", "bgra8unorm-storage", "  timestamp-query\n"])(
    "reads %j as a feature",
    (text) => {
      expect(parseRequirement(text)).toEqual({ text: text.trim(), feature: text.trim() });
    },
  );

  it.each([
    ["maxBufferSize>=1073741824", "maxBufferSize", ">=", GiB],
    ["maxBufferSize>=1GiB", "maxBufferSize", ">=", GiB],
    ["maxBufferSize >= 1 GiB", "maxBufferSize", ">=", GiB],
    ["\tmaxBufferSize>= 1GiB ", "maxBufferSize", ">=", GiB],
    ["maxBufferSize>=1.5GiB", "maxBufferSize", ">=", 1.5 * GiB],
    ["maxBufferSize>=0.25KiB", "maxBufferSize", ">=", 256],
    ["maxStorageBufferBindingSize>128MiB", "maxStorageBufferBindingSize", ">", 128 * MiB],
    ["maxComputeWorkgroupStorageSize==16KiB", "maxComputeWorkgroupStorageSize", "==", 16 * KiB],
    ["minStorageBufferOffsetAlignment<=256B", "minStorageBufferOffsetAlignment", "<=", 256],
    ["minStorageBufferOffsetAlignment<256", "minStorageBufferOffsetAlignment", "<", 256],
    ["maxBindGroups>=4", "maxBindGroups", ">=", 4],
    ["maxBindGroups>=4.0", "maxBindGroups", ">=", 4],
    ["maxBindGroups>=0", "maxBindGroups", ">=", 0],
  ])("reads %j", (text, limit, operator, bound) => {
    expect(parseRequirement(text)).toEqual({ text: text.trim(), limit, operator, bound });
  });

  it.each([
    "",
    " ",
    ">=",
    ">=1",
    "maxBufferSize",
    "maxBufferSize>=",
    "maxBufferSize>=GiB",
    "maxBufferSize=>1",
    "maxBufferSize=1",
    "maxBufferSize===1",
    "maxBufferSize!=1",
    "maxBufferSize>>1",
    "maxBufferSize>=-1",
    "maxBufferSize>=+1",
    "maxBufferSize>=1e9",
    "maxBufferSize>=0x10",
    "maxBufferSize>=1,5GiB",
    "maxBufferSize>=.5GiB",
    "maxBufferSize>=1.GiB",
    "maxBufferSize>=1 000",
    "maxBufferSize>=1 GiB 2",
    "maxBufferSize>=1GiB;shader-f16",
    "maxBufferSize>=NaN",
    "maxBufferSize>=Infinity",
    "shader_f16",
    "Shader-F16",
    "shader-",
    "-f16",
    "shader--f16",
    "shader f16",
    "16-shader",
  ])("refuses %j", (text) => {
    expect(() => parseRequirement(text)).toThrow(invalid());
  });

  it.each([
    ["nope>=1", "no limit called nope"],
    ["constructor>=1", "no limit called constructor"],
    ["toString>=1", "no limit called toString"],
    ["maxbuffersize>=1", "no limit called maxbuffersize"],
    ["maxBufferSize>=1TB", "TB is none of the units"],
    ["maxBufferSize>=1GB", "GB is none of the units"],
    ["maxBufferSize>=1gib", "gib is none of the units"],
    ["maxBufferSize>=1constructor", "constructor is none of the units"],
    ["maxBindGroups>=4KiB", "is a count and takes no unit"],
    ["maxBindGroups>=4B", "is a count and takes no unit"],
    ["maxBindGroups>=1.5", "not a whole number"],
    ["maxBufferSize>=0.1GiB", "not a whole number"],
    ["maxBufferSize>=9007199254740992", "not a whole number"],
    ["maxBufferSize>=99999999999999999999GiB", "not a whole number"],
    ["maxBufferSize>=", "neither a feature"],
  ])("says what is wrong with %j", (text, words) => {
    expect(() => parseRequirement(text)).toThrow(invalid());
    expect(() => parseRequirement(text)).toThrow(words);
  });

  it("refuses a text without end quickly", () => {
    const started = performance.now();
    expect(() => parseRequirement(`${"a-".repeat(100_000)}!`)).toThrow(invalid());
    expect(() => parseRequirement(`maxBufferSize>=${"1".repeat(100_000)}`)).toThrow(invalid());
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("checkRequirement", () => {
  const adapter = known(makeAdapter({ limits: known({ maxBindGroups: 4, maxBufferSize: 268_435_456 }) }));
  const check = (text: string, on = adapter) => checkRequirement(parseRequirement(text), on);

  it.each([
    [">=", [true, true, false]],
    ["<=", [false, true, true]],
    ["==", [false, true, false]],
    [">", [true, false, false]],
    ["<", [false, false, true]],
  ])("holds to the unit with %s", (operator, expected) => {
    expect([3, 4, 5].map((bound) => check(`maxBindGroups${operator}${bound}`).holds)).toEqual(expected);
    const bounds = [268_435_455, 268_435_456, 268_435_457];
    expect(bounds.map((bound) => check(`maxBufferSize${operator}${bound}`).holds)).toEqual(expected);
  });

  it("says what the adapter has, in the limit's unit", () => {
    expect(check("maxBufferSize>=1GiB")).toMatchObject({ holds: false, found: "this adapter has 256 MiB" });
    expect(check("maxBindGroups>=5")).toMatchObject({ holds: false, found: "this adapter has 4" });
  });

  // Chrome's real limits lie 4 bytes below 2 and 4 GiB.
  it.each([
    [2_147_483_644, "maxStorageBufferBindingSize>=2GiB", "2 GiB"],
    [4_294_967_292, "maxStorageBufferBindingSize>=4GiB", "4 GiB"],
  ])(
    "does not refuse %d for %s with the words that it has just that",
    (maxStorageBufferBindingSize, text, misleading) => {
      const on = known(makeAdapter({ limits: known({ maxStorageBufferBindingSize }) }));
      const { holds, found } = check(text, on);
      expect(holds).toBe(false);
      expect(found).not.toBe(`this adapter has ${misleading}`);
    },
  );

  it("looks a feature up", () => {
    expect(check("shader-f16")).toMatchObject({ holds: true, found: "present" });
    expect(check("timestamp-query")).toMatchObject({ holds: false, found: "this adapter does not have it" });
  });

  it("lets nothing hold that is unknown", () => {
    expect(check("maxVertexBuffers<=100")).toMatchObject({ holds: false, found: "this adapter does not state it" });
    const silent = known(makeAdapter({ limits: unknown("failed", "x"), features: unknown("failed", "x") }));
    expect(check("maxBindGroups>=0", silent).holds).toBe(false);
    expect(check("shader-f16", silent)).toMatchObject({ holds: false, found: "this adapter's features are unknown" });
    const none = unknown("no-adapter", "There is no GPU.");
    expect(check("shader-f16", none as never)).toMatchObject({ holds: false, found: "There is no GPU." });
  });
});
