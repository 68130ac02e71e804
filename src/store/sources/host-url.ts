/** The address of a host of models, as a person or a mirror's manual writes it. */
import { IngleError } from "../../shared/errors";
import { HTTP_HOSTS } from "../../shared/policy";

/**
 * @returns without a slash at its path's end.
 * @throws IngleError "host-invalid"
 */
export function hostUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid(text, "is no address, such as https://huggingface.co");
  }
  if (url.username !== "" || url.password !== "") throw invalid(url.host, "may have no name and password in it");
  const isLoopback = url.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (url.protocol !== "https:" && !isLoopback && !HTTP_HOSTS.includes(url.origin)) {
    throw invalid(text, "has to be an https address: what is not encrypted anybody between can read");
  }
  return url.origin + url.pathname.replace(/\/+$/, "") + url.search;
}

function invalid(text: string, why: string): IngleError {
  return new IngleError("host-invalid", `"${text.slice(0, 200)}" ${why}.`);
}
