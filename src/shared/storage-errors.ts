/** What a browser throws when it keeps nothing, or nothing more, as errors that say what it means for the site's user. */
import { IngleError, messageOf } from "./errors";

export function asStorageError(cause: unknown): IngleError {
  if (cause instanceof IngleError) return cause;
  if (cause instanceof DOMException && cause.name === "QuotaExceededError") {
    return new IngleError(
      "storage-full",
      "The browser's storage for this site is full. Remove a model, or free space on the disk, and go on.",
      { cause },
    );
  }
  return new IngleError(
    "storage-failed",
    `This browser does not keep data for this site: ${messageOf(cause)} Allow it to, or leave private browsing.`,
    { cause },
  );
}
