/** What a model consists of, where its files come from, and what is told of it. Types only: they cross to the page. */

/** A file's checksum, as its publisher states it: "git-blob" is what git names a file by, SHA-1 after a short header. */
export interface Digest {
  readonly algorithm: "sha256" | "md5" | "git-blob";
  /** Lower-case. */
  readonly hex: string;
}

/** A file's bytes, or a part of them where a host takes no large files. */
export interface Piece {
  readonly url: string;
  /** Undefined where nobody published it: the host is asked. Of several pieces all are known. */
  readonly bytes?: number | undefined;
}

export interface FileSpec {
  /** Within the model: "model.gguf", "params_shard_0.bin". */
  readonly name: string;
  /** In order; all but the last a whole number of chunks of 4 MiB long. */
  readonly pieces: readonly [Piece, ...Piece[]];
  /** Undefined where none is published: the file is then kept as unverified, and held to what it was the first time. */
  readonly digest?: Digest | undefined;
}

/** Where a newer revision would be found. */
export interface Origin {
  /** "https://huggingface.co", or a mirror of it. */
  readonly host: string;
  /** "Qwen/Qwen2.5-0.5B-Instruct-GGUF" */
  readonly repository: string;
  /** The commit that the files are of. */
  readonly revision: string;
}

export interface ModelSpec {
  /** Names the model in the store. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly files: readonly [FileSpec, ...FileSpec[]];
  readonly origin?: Origin | undefined;
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
  readonly bytes: number;
  readonly files: readonly StoredFile[];
  readonly origin: Origin | undefined;
  /** [chunks] that its record names and the browser no longer has: verifying the model fetches them again. */
  readonly missingChunks: number;
  /** Whether its files stay where they are on disk. */
  readonly isInPlace: boolean;
}

/** A model that was begun and is not whole. Downloading its spec goes on where it was. */
export interface UnfinishedModel {
  readonly spec: ModelSpec;
  readonly bytesDone: number;
}

export interface FileProgress {
  readonly name: string;
  readonly stage: "waiting" | "downloading" | "verifying" | "whole";
  readonly bytesDone: number;
  /** Undefined until the host has said it. */
  readonly bytesTotal: number | undefined;
}

export interface DownloadProgress {
  /** The model's. */
  readonly id: string;
  readonly bytesDone: number;
  /** Undefined until it is known of every file. */
  readonly bytesTotal: number | undefined;
  /** Smoothed; 0 while nothing comes. */
  readonly bytesPerSecond: number;
  /** Undefined while that is not known. */
  readonly secondsLeft: number | undefined;
  readonly files: readonly FileProgress[];
}

export interface StoreUsage {
  /** Of models that are there whole, and begun. */
  readonly models: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
  /** What the browser counts for this site, all that it keeps; undefined where it does not tell. */
  readonly usedBytes: number | undefined;
  /** What it would let this site keep. */
  readonly quotaBytes: number | undefined;
  /** Whether the browser promised not to clear it by itself. */
  readonly isPersisted: boolean;
}

/** What tabs tell each other. */
export type DownloadNews =
  | { readonly type: "progress"; readonly progress: DownloadProgress }
  /** It ended: with a whole model, or with the sentence that says why not. */
  | { readonly type: "ended"; readonly id: string; readonly problem: string | undefined };

/** What verifying a stored model came to. */
export interface Verification {
  readonly model: StoredModel;
  /** [chunks] that were broken or missing, and have been fetched again. */
  readonly repairedChunks: number;
}

export interface RepositorySource {
  readonly kind: "repository";
  /** "https://huggingface.co" by default, or a mirror that answers the same requests. */
  readonly host?: string;
  /** "Qwen/Qwen2.5-0.5B-Instruct-GGUF" */
  readonly repository: string;
  /** A branch, tag or commit; "main" by default. */
  readonly revision?: string;
  /** The files wanted, of a GGUF repository one or the parts of one; all that an MLC model consists of by default. */
  readonly files?: readonly string[];
  /** The address of the library that was compiled of an MLC model for WebLLM. Ingle's engine needs none. */
  readonly library?: string;
}

/** What a person names a model by. */
export type SourceName =
  | RepositorySource
  /** One file, or the first of several parts. */
  | { readonly kind: "gguf"; readonly url: string }
  /** A folder, with the address of a library for WebLLM. */
  | { readonly kind: "mlc"; readonly url: string; readonly library?: string }
  /** By the page's own address, beside which it is. */
  | { readonly kind: "starter"; readonly page: string };

/** A chosen file: its bytes, or a handle by which they can be read again on another day. */
export interface ChosenFile {
  /** Within the model; of a folder's files without the folder. */
  readonly name: string;
  readonly file: File;
  readonly handle?: FileSystemFileHandle | undefined;
}
