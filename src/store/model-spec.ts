/** What a model consists of, where its files come from, and what is told of it. Types only: they cross to the page. */

/** A file's checksum, as its publisher states it. */
export interface Digest {
  readonly algorithm: "sha256" | "md5";
  /** Lower-case. */
  readonly hex: string;
}

export interface FileSpec {
  /** Within the model: "model.gguf", "params_shard_0.bin". */
  readonly name: string;
  readonly url: string;
  /** Undefined where none is published: the file is then kept as unverified. */
  readonly digest: Digest | undefined;
}

export interface ModelSpec {
  /** Names the model in the store. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly files: readonly FileSpec[];
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  /** What it came to when it was whole. */
  readonly sha256: string;
  /** Whether it is what its publisher says. */
  readonly isVerified: boolean;
}

/** A model that is there whole. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly files: readonly StoredFile[];
}

/** Of one file of a model under way. */
export interface DownloadProgress {
  readonly file: string;
  readonly stage: "downloading" | "verifying";
  readonly bytesDone: number;
  readonly bytesTotal: number;
}
