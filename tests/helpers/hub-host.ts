/**
 * Answers as Hugging Face does: the commit of a branch, a listing of it in pages, and files through a redirect to
 * another host. Commits stay; a branch moves on.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubHost {
  /** As a mirror's address is written: with a path of its own. */
  readonly url: string;
  /** Of every request, in order, without the host. */
  readonly asked: readonly string[];
  /** [bytes] of files, so far. */
  sent(): number;
  /** Makes a commit of the branch "main". @returns its name. */
  commit(files: ReadonlyMap<string, Buffer>): string;
  /** Answers requests whose path contains this text in its own way. */
  instead(text: string, answer: (response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

const MIRROR = "/mirror";
const PER_PAGE = 3;
/** Smaller files are git's own. */
const LFS_FROM = 1024;

/** @param repository the one there is. */
export async function startHubHost(repository = "tests/Tiny"): Promise<HubHost> {
  const path = `/${repository}`;
  const commits = new Map<string, ReadonlyMap<string, Buffer>>();
  const special = new Map<string, (response: ServerResponse) => void>();
  const asked: string[] = [];
  let main = "";
  let sent = 0;
  const server = await listen((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "ETag, Link, Content-Range");
    const own = Array.from(special).find(([text]) => url.includes(text))?.[1];
    if (own === undefined) route(url.slice(MIRROR.length), request, response);
    else own(response);
  });
  const cdn = await listen((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    const [, commit = "", name = ""] = /^\/(\w+)\/(.+)$/.exec(request.url ?? "") ?? [];
    sent += sendFile(commits.get(commit)?.get(decodeURIComponent(name)), request, response);
  });
  return {
    url: urlOf(server) + MIRROR,
    asked,
    sent: () => sent,
    commit(files) {
      main = createHash("sha1").update(`${commits.size}`).digest("hex");
      commits.set(main, files);
      return main;
    },
    instead: (text, answer) => void special.set(text, answer),
    async stop() {
      for (const each of [server, cdn]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };

  function route(asked: string, request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(asked, "http://hub");
    if (pathname === `/api/models${path}/revision/main`) {
      json(response, { sha: main, siblings: [] });
      return;
    }
    const [, commit = ""] = /\/(?:tree|resolve)\/(\w+)/.exec(pathname) ?? [];
    const files = commits.get(commit);
    if (files === undefined) response.writeHead(404).end();
    else if (pathname === `/api/models${path}/tree/${commit}`) {
      const from = Number(searchParams.get("cursor") ?? 0);
      const entries = treeOf(files);
      // The original's address: a mirror that passes answers on does not change it.
      const next = `https://huggingface.co${pathname}?recursive=true&cursor=${from + PER_PAGE}`;
      if (from + PER_PAGE < entries.length) response.setHeader("Link", `<${next}>; rel="next"`);
      json(response, entries.slice(from, from + PER_PAGE));
    } else if (pathname.startsWith(`${path}/resolve/${commit}/`)) {
      const name = pathname.slice(`${path}/resolve/${commit}/`.length);
      const content = files.get(decodeURIComponent(name));
      // Small files come from the hub itself.
      if (content === undefined || content.length < LFS_FROM) sent += sendFile(content, request, response);
      else response.writeHead(302, { Location: `${urlOf(cdn)}/${commit}/${name}` }).end();
    } else response.writeHead(404).end();
  }
}

function treeOf(files: ReadonlyMap<string, Buffer>) {
  const folders = new Set(Array.from(files.keys(), (path) => /^(.+)\//.exec(path)?.[1]).filter(Boolean));
  return [
    ...Array.from(folders, (path) => ({ type: "directory", path, oid: "0".repeat(40), size: 0 })),
    ...Array.from(files, ([path, content]) => {
      const blob = (bytes: Buffer) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
      const size = content.length;
      if (size < LFS_FROM) return { type: "file", path, oid: blob(content), size };
      const sha256 = createHash("sha256").update(content).digest("hex");
      // Git itself has a pointer there.
      const oid = blob(Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`));
      return { type: "file", path, oid, size, lfs: { oid: sha256, size, pointerSize: 134 } };
    }),
  ];
}

/** @returns [bytes] */
function sendFile(content: Buffer | undefined, request: IncomingMessage, response: ServerResponse): number {
  if (content === undefined) {
    response.writeHead(404).end();
    return 0;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || Infinity) + 1, content.length);
  response.writeHead(range === null || content.length === 0 ? 200 : 206, {
    "Content-Length": to - from,
    ...(range !== null && { "Content-Range": `bytes ${from}-${to - 1}/${content.length}` }),
  });
  response.end(content.subarray(from, to));
  return to - from;
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
