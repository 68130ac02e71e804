/** Tells every tab of the site how downloads go, whichever of them runs one. Pages listen, too: it needs no worker. */
import type { DownloadProgress, DownloadNews } from "./model-spec";

const CHANNEL = "ingle downloads";

/** Tells the others; `close` it when the download ends. */
export function openAnnouncer(): { tell(news: DownloadNews): void; close(): void } {
  const channel = new BroadcastChannel(CHANNEL);
  return { tell: (news) => channel.postMessage(news), close: () => channel.close() };
}

/** @returns ends it. */
export function watchDownloads(onNews: (news: DownloadNews) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<DownloadNews>) => onNews(data);
  return () => channel.close();
}

/** Of one model that another tab downloads. */
export function watchDownload(id: string, onProgress: (progress: DownloadProgress) => void): () => void {
  return watchDownloads((news) => {
    if (news.type === "progress" && news.progress.id === id) onProgress(news.progress);
  });
}
