/** WebGPU's flag namespaces, which TypeScript's own libraries leave out: https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage */

declare const GPUBufferUsage: {
  readonly MAP_READ: 0x0001;
  readonly COPY_SRC: 0x0004;
  readonly COPY_DST: 0x0008;
  readonly UNIFORM: 0x0040;
  readonly STORAGE: 0x0080;
};

declare const GPUMapMode: { readonly READ: 0x0001 };
