/** Checksums: of a chunk at once by the browser, of a file as it streams by hash-wasm. */
import { createMD5, createSHA1, createSHA256, type IHasher } from "hash-wasm";
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

/** @param bytes the file's length, which git hashes first. */
export async function startHash(algorithm: Digest["algorithm"], bytes: number): Promise<FileHash> {
  const hasher = await makers[algorithm]();
  hasher.init();
  // https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
  if (algorithm === "git-blob") hasher.update(`blob ${bytes}\0`);
  return { update: (piece) => void hasher.update(piece), finish: () => hasher.digest("hex") };
}

const makers: Record<Digest["algorithm"], () => Promise<IHasher>> = {
  sha256: createSHA256,
  md5: createMD5,
  "git-blob": createSHA1,
};

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
