/**
 * Serves the starter model with the page, at the same addresses everywhere: a build writes manifest, pieces and
 * licence beside the page (where the preview serves them from); the dev server cuts them out of `.cache` as asked.
 * Beside the bundle, not in it: 94 MiB need not pass through the bundler's memory. With VITE_STARTER_FROM there is a
 * manifest alone, which leads to where the pieces are.
 */
import { createReadStream } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Plugin } from "vite";
import { parseHttpHosts } from "../../src/shared/policy.ts";
import {
  STARTER,
  STARTER_MANIFEST,
  STARTER_PATH,
  STARTER_PIECE_BYTES,
  type PinnedFile,
  type StarterManifest,
  type StarterPresent,
} from "../../src/shared/starter.ts";
import { starterElsewhere } from "./elsewhere.ts";
import { STARTER_FOLDER } from "./folder.ts";
import { LICENCE_FILES, licenceFile, writeLicence } from "./licence.ts";
import { cut, spansOf } from "./pieces.ts";

export interface ServedStarter {
  readonly folder: string;
  readonly pin: PinnedFile;
  readonly pieceBytes: number;
}

const OWN: ServedStarter = { folder: STARTER_FOLDER, pin: STARTER, pieceBytes: STARTER_PIECE_BYTES };

export function starterModel(served: ServedStarter = OWN): Plugin {
  let outDir = "";
  let elsewhere: StarterPresent | undefined;
  return {
    name: "ingle-starter-model",
    // A download in progress would wake the dev server's watcher at every chunk.
    config: () => ({ server: { watch: { ignored: ["**/.cache/**"] } } }),
    configResolved: ({ root, build, env }) => {
      outDir = resolve(root, build.outDir);
      const { VITE_STARTER_FROM: option, VITE_HTTP_HOSTS: httpHosts } = env as Record<string, string | undefined>;
      elsewhere = starterElsewhere(option, parseHttpHosts(httpHosts), served.pin, served.pieceBytes);
    },
    async writeBundle() {
      const manifest = await writeInto(join(outDir, STARTER_PATH), served, elsewhere);
      if ("missing" in manifest) this.warn(manifest.missing);
    },
    configureServer({ middlewares }) {
      const answer = devServer(served, elsewhere);
      middlewares.use((request, response, next) => {
        const name = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
        if (!name.startsWith(STARTER_PATH)) {
          next();
          return;
        }
        answer(name.slice(STARTER_PATH.length), request, response).catch((error: unknown) => {
          if (response.headersSent) response.destroy();
          else next(error);
        });
      });
    },
  };
}

async function writeInto(
  into: string,
  { folder, pin, pieceBytes }: ServedStarter,
  elsewhere: StarterPresent | undefined,
): Promise<StarterManifest> {
  await mkdir(into, { recursive: true });
  const manifest = elsewhere ?? (await cut(join(folder, pin.file), pin, { pieceBytes, into }));
  if (elsewhere === undefined && "pieces" in manifest) await writeLicence(into, pin);
  await writeFile(join(into, STARTER_MANIFEST), JSON.stringify(manifest));
  return manifest;
}

type Answer = (name: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

function devServer({ folder, pin, pieceBytes }: ServedStarter, elsewhere: StarterPresent | undefined): Answer {
  const path = join(folder, pin.file);
  const spans = new Map(spansOf(pin, pieceBytes).map((span) => [span.path, span]));
  let [version, manifest] = ["", Promise.resolve<StarterManifest | undefined>(undefined)];

  /** Made anew when the file is another: it may be fetched while the server runs. */
  const currentManifest = async (): Promise<StarterManifest | undefined> => {
    const found = await stat(path).catch(() => undefined);
    const current = `${found?.size ?? 0} ${found?.mtimeMs ?? 0}`;
    if (current !== version) [version, manifest] = [current, cut(path, pin, { pieceBytes })];
    return manifest;
  };

  return async (name, request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    const current = elsewhere ?? (await currentManifest());
    if (name === STARTER_MANIFEST) {
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(current));
      return;
    }
    const here = elsewhere === undefined && current !== undefined && "pieces" in current;
    const licence = LICENCE_FILES.find((licence) => licence === name);
    const span = spans.get(name);
    if (here && licence !== undefined) {
      response.setHeader("Content-Type", "text/plain; charset=utf-8").end(await licenceFile(licence, pin));
    } else if (here && span !== undefined) {
      await sendRange(path, span, request, response);
    } else {
      response.writeHead(404).end("There is nothing here.");
    }
  };
}

/** One piece, or the range of it that is asked for, as static hosts give it. */
async function sendRange(
  path: string,
  span: { readonly start: number; readonly bytes: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const first = Number(asked?.[1] ?? 0);
  const last = Math.min(Number(asked?.[2] || Infinity), span.bytes - 1);
  response.setHeader("Content-Type", "application/octet-stream").setHeader("Accept-Ranges", "bytes");
  if (first > last) {
    response.writeHead(416, { "Content-Range": `bytes */${span.bytes}` }).end();
    return;
  }
  response.setHeader("Content-Length", last - first + 1);
  if (asked) response.writeHead(206, { "Content-Range": `bytes ${first}-${last}/${span.bytes}` });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  await pipeline(createReadStream(path, { start: span.start + first, end: span.start + last }), response);
}
