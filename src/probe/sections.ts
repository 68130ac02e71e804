/** The sections of a report, in the order that they are shown in. */
export const SECTION_IDS = [
  "adapter",
  "measurements",
  "kernels",
  "workers",
  "limits",
  "features",
  "storage",
  "otherAdapters",
  "page",
  "wgsl",
] as const;
export type SectionId = (typeof SECTION_IDS)[number];
