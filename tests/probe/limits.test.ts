import { describe, expect, it } from "vitest";
import { compareWithDefaults, LIMITS } from "../../src/probe/limits";

const standings = (limits: Record<string, number>) =>
  Object.fromEntries(compareWithDefaults(limits).map(({ name, standing }) => [name, standing]));

describe("LIMITS", () => {
  // Copied from the table at https://www.w3.org/TR/webgpu/#limits: those that a model meets first.
  it.each([
    ["maxBufferSize", 256 * 1024 * 1024, "bytes", "maximum"],
    ["maxStorageBufferBindingSize", 128 * 1024 * 1024, "bytes", "maximum"],
    ["maxUniformBufferBindingSize", 64 * 1024, "bytes", "maximum"],
    ["maxStorageBuffersPerShaderStage", 8, "count", "maximum"],
    ["maxComputeWorkgroupStorageSize", 16_384, "bytes", "maximum"],
    ["maxComputeInvocationsPerWorkgroup", 256, "count", "maximum"],
    ["maxComputeWorkgroupSizeZ", 64, "count", "maximum"],
    ["maxComputeWorkgroupsPerDimension", 65_535, "count", "maximum"],
    ["minStorageBufferOffsetAlignment", 256, "bytes", "alignment"],
    ["minUniformBufferOffsetAlignment", 256, "bytes", "alignment"],
  ])("has %s at %d %s, a %s", (name, value, unit, kind) => {
    expect(LIMITS[name]).toEqual({ default: value, unit, class: kind });
  });

  it("calls alignments, and only those, alignments", () => {
    for (const [name, definition] of Object.entries(LIMITS)) {
      expect(definition.class, name).toBe(name.startsWith("min") ? "alignment" : "maximum");
      expect(definition.default, name).toBeGreaterThan(0);
    }
  });
});

describe("compareWithDefaults", () => {
  it("finds more of a maximum better, to the unit", () => {
    for (const [value, standing] of [
      [7, "worse"],
      [8, "default"],
      [9, "better"],
    ] as const) {
      expect(standings({ maxStorageBuffersPerShaderStage: value })).toEqual({
        maxStorageBuffersPerShaderStage: standing,
      });
    }
  });

  it("finds less of an alignment better", () => {
    expect(standings({ minStorageBufferOffsetAlignment: 32 })).toEqual({ minStorageBufferOffsetAlignment: "better" });
    expect(standings({ minStorageBufferOffsetAlignment: 256 })).toEqual({ minStorageBufferOffsetAlignment: "default" });
    expect(standings({ minStorageBufferOffsetAlignment: 512 })).toEqual({ minStorageBufferOffsetAlignment: "worse" });
  });

  it("says so of a limit it does not know, names of Object's own among them", () => {
    const limits = JSON.parse('{"toString":1,"constructor":2,"maxInterStageShaderComponents":60}') as Record<
      string,
      number
    >;
    expect(compareWithDefaults(limits).map(({ definition }) => definition)).toEqual([undefined, undefined, undefined]);
    expect(new Set(Object.values(standings(limits)))).toEqual(new Set(["unlisted"]));
  });

  it("puts memory first and strangers last, whatever order they came in", () => {
    const names = compareWithDefaults({
      maxNewThing: 1,
      minUniformBufferOffsetAlignment: 256,
      maxBindGroups: 4,
      maxBufferSize: 1,
    });
    expect(names.map(({ name }) => name)).toEqual([
      "maxBufferSize",
      "maxBindGroups",
      "minUniformBufferOffsetAlignment",
      "maxNewThing",
    ]);
  });

  it("makes nothing of nothing: a limit not stated is not the default", () => {
    expect(compareWithDefaults({})).toEqual([]);
  });
});
