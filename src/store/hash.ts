/** Checksums: of a chunk at once by the browser, of a file as it streams by hash-wasm. */
import { createMD5, createSHA256 } from "hash-wasm";
import type { Bytes } from "../shared/take-bytes";
import type { Digest } from "./model-spec";

/** @returns SHA-256, hex. */
export async function hashChunk(bytes: Bytes): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

export interface FileHash {
  update(bytes: Bytes): void;
  /** Hex. */
  finish(): string;
}

export async function startHash(algorithm: Digest["algorithm"]): Promise<FileHash> {
  const hasher = await (algorithm === "sha256" ? createSHA256() : createMD5());
  hasher.init();
  return { update: (bytes) => void hasher.update(bytes), finish: () => hasher.digest("hex") };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
