/**
 * WebGPU's limits and their defaults, which every adapter meets or betters.
 * Source: https://www.w3.org/TR/webgpu/#limits. A test compares the defaults with what a real browser
 * gives a device that asked for nothing.
 */

export interface LimitDefinition {
  readonly default: number;
  readonly unit: "bytes" | "count";
  /** "maximum": more is better. "alignment": less is better. */
  readonly class: "maximum" | "alignment";
}

const count = (value: number): LimitDefinition => ({ default: value, unit: "count", class: "maximum" });
const size = (value: number): LimitDefinition => ({ default: value, unit: "bytes", class: "maximum" });
const alignment = (value: number): LimitDefinition => ({ default: value, unit: "bytes", class: "alignment" });

/** In the order people care about them here: memory, then compute, then the rest as the specification has it. */
export const LIMITS: Readonly<Record<string, LimitDefinition>> = {
  maxBufferSize: size(268_435_456),
  maxStorageBufferBindingSize: size(134_217_728),
  maxUniformBufferBindingSize: size(65_536),
  maxStorageBuffersPerShaderStage: count(8),
  maxComputeWorkgroupStorageSize: size(16_384),
  maxComputeInvocationsPerWorkgroup: count(256),
  maxComputeWorkgroupSizeX: count(256),
  maxComputeWorkgroupSizeY: count(256),
  maxComputeWorkgroupSizeZ: count(64),
  maxComputeWorkgroupsPerDimension: count(65_535),
  maxBindGroups: count(4),
  maxBindingsPerBindGroup: count(1000),
  maxUniformBuffersPerShaderStage: count(12),
  maxDynamicUniformBuffersPerPipelineLayout: count(8),
  maxDynamicStorageBuffersPerPipelineLayout: count(4),
  maxImmediateSize: size(64),
  maxStorageBuffersInVertexStage: count(8),
  maxStorageBuffersInFragmentStage: count(8),
  maxStorageTexturesInVertexStage: count(4),
  maxStorageTexturesInFragmentStage: count(4),
  minUniformBufferOffsetAlignment: alignment(256),
  minStorageBufferOffsetAlignment: alignment(256),
  maxTextureDimension1D: count(8192),
  maxTextureDimension2D: count(8192),
  maxTextureDimension3D: count(2048),
  maxTextureArrayLayers: count(256),
  maxSampledTexturesPerShaderStage: count(16),
  maxSamplersPerShaderStage: count(16),
  maxStorageTexturesPerShaderStage: count(4),
  maxBindGroupsPlusVertexBuffers: count(24),
  maxVertexBuffers: count(8),
  maxVertexAttributes: count(16),
  maxVertexBufferArrayStride: size(2048),
  maxInterStageShaderVariables: count(16),
  maxColorAttachments: count(8),
  maxColorAttachmentBytesPerSample: size(32),
};

export type Standing = "better" | "default" | "worse" | "unlisted";

export interface LimitComparison {
  readonly name: string;
  readonly value: number;
  readonly definition: LimitDefinition | undefined;
  readonly standing: Standing;
}

/** An adapter's limits beside the defaults: LIMITS' order first, then whatever else the browser has. */
export function compareWithDefaults(limits: Readonly<Record<string, number>>): LimitComparison[] {
  const names = [
    ...Object.keys(LIMITS).filter((name) => Object.hasOwn(limits, name)),
    ...Object.keys(limits).filter((name) => !Object.hasOwn(LIMITS, name)),
  ];
  return names.map((name) => {
    const value = limits[name] ?? NaN;
    const definition = Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
    return { name, value, definition, standing: standingOf(value, definition) };
  });
}

/** How a value stands to its default, in the direction in which this limit gets better. */
function standingOf(value: number, definition: LimitDefinition | undefined): Standing {
  if (definition === undefined) return "unlisted";
  if (value === definition.default) return "default";
  return value > definition.default === (definition.class === "maximum") ? "better" : "worse";
}
