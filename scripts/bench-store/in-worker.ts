/** Runs in a worker of the bench's page: does one thing at a time and says how long it took. */
import { readChunks, writeChunks, type ChunkSeries } from "./chunk-forms";
import { KEEPERS, type Files, type KeeperName } from "./keepers";
import { openUpload, type Upload } from "./upload";

export type Task =
  | { readonly kind: "fetch" | "read"; readonly keeper: KeeperName; readonly files: Files; readonly key: string }
  | { readonly kind: "write-chunks" | "read-chunks"; readonly series: ChunkSeries; readonly key: string };

/** [ms], or what went wrong. */
export type Outcome = { readonly elapsed: number } | { readonly problem: string };

let upload: Upload | undefined;
let uploadBytes = 0;

async function uploadOf(bytes: number): Promise<Upload> {
  if (upload === undefined || bytes > uploadBytes) upload = await openUpload((uploadBytes = bytes));
  return upload;
}

async function run(task: Task): Promise<number> {
  const into = await uploadOf("files" in task ? task.files.bytes : task.series.bytes);
  const begun = performance.now();
  if ("series" in task) {
    if (task.kind === "write-chunks") await writeChunks(task.series, task.key);
    else await readChunks(task.series, task.key, into);
  } else if (task.kind === "fetch") await KEEPERS[task.keeper].fetch(task.files, task.key);
  else await KEEPERS[task.keeper].read(task.files, task.key, into);
  await into.done();
  return performance.now() - begun;
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  void run(data).then(
    (elapsed) => self.postMessage({ elapsed } satisfies Outcome),
    (thrown: unknown) => self.postMessage({ problem: String(thrown) } satisfies Outcome),
  );
};
