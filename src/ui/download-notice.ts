/**
 * Tells somebody who looks elsewhere that a download has ended: in the tab's title until they come back, and by a
 * notification where they have allowed it. Whoever looks at the page sees it there.
 */
import type { DownloadNews } from "../store/model-spec";
import { messages } from "./messages";

/** @param watch the store client's. */
export function noticeDownloads(watch: (onNews: (news: DownloadNews) => void) => void): void {
  const notice = new TitleNotice();
  watch((news) => {
    if (news.type !== "ended" || document.visibilityState === "visible") return;
    const text = news.problem === undefined ? messages.downloadDone : messages.downloadFailed;
    notice.show(text);
    void notify(text, { body: news.problem ?? "", tag: `ingle download ${news.id}` });
  });
}

/** Before the page's own title, which may change meanwhile. */
class TitleNotice {
  #text = "";

  show(text: string): void {
    this.#clear();
    this.#text = `${text} · `;
    document.title = this.#text + document.title;
    document.addEventListener("visibilitychange", () => this.#clear(), { once: true });
  }

  #clear(): void {
    if (document.title.startsWith(this.#text)) document.title = document.title.slice(this.#text.length);
    this.#text = "";
  }
}

/** Several tabs may tell of the same download: by its tag it is one notification. */
async function notify(title: string, options: NotificationOptions): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  try {
    // Phones know no other way.
    const registration = await (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.getRegistration();
    if (registration === undefined) new Notification(title, options);
    else await registration.showNotification(title, options);
  } catch {
    // the tab's title says it
  }
}
