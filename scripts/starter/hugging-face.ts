/** The file on Hugging Face, or on the mirror that HF_ENDPOINT names, as in Hugging Face's own clients. */
import { STARTER_SOURCES } from "../../src/shared/starter";
import { download, type DownloadTimes } from "./download";
import { SourceFailedError, type Source } from "./source";

export function huggingFace(endpoint: string | undefined, times?: DownloadTimes): Source {
  const { host, repository, path } = STARTER_SOURCES.huggingFace;
  const base = (endpoint || host).replace(/\/+$/, "");
  return {
    name: `${base.replace(/^https:\/\//, "")} (${repository})`,
    again: true,
    async bring(job) {
      const url = `${base}/${repository}${path}`;
      if (!URL.canParse(url)) throw new SourceFailedError(`HF_ENDPOINT is no address: ${base}.`);
      await download(url, job, times);
      return job.part;
    },
  };
}
