/**
 * Memory bandwidths that people know their devices by, as their makers state them: peaks, of which a shader
 * reaches a part.
 */
export interface KnownBandwidth {
  readonly name: string;
  /** GB/s, 10⁹ bytes. */
  readonly gigabytesPerSecond: number;
  readonly source: string;
}

export const KNOWN_BANDWIDTHS: readonly KnownBandwidth[] = [
  { name: "Steam Deck", gigabytesPerSecond: 88, source: "https://www.steamdeck.com/en/tech/deck" },
  {
    name: "Apple M2",
    gigabytesPerSecond: 100,
    source: "https://www.apple.com/newsroom/2022/06/apple-unveils-m2-with-breakthrough-performance-and-capabilities/",
  },
  {
    name: "Apple M1 Max",
    gigabytesPerSecond: 400,
    source:
      "https://www.apple.com/newsroom/2021/10/introducing-m1-pro-and-m1-max-the-most-powerful-chips-apple-has-ever-built/",
  },
  {
    name: "Radeon RX 6600",
    gigabytesPerSecond: 224,
    source: "https://www.amd.com/en/products/graphics/desktops/radeon/6000-series/amd-radeon-rx-6600.html",
  },
  {
    name: "GeForce RTX 4090",
    gigabytesPerSecond: 1008,
    source: "https://www.nvidia.com/en-us/geforce/graphics-cards/compare/",
  },
];
