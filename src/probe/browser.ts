import Bowser from "bowser";

/** Which browser this is, as far as its user agent tells. undefined: it doesn't. */
export interface BrowserIdentity {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** "Windows", "macOS", "Linux", "Android", "iOS", "Chrome OS", … without a version, which browsers freeze. */
  readonly system: string | undefined;
}

export function identifyBrowser(userAgent: string): BrowserIdentity {
  if (userAgent === "") return { name: undefined, version: undefined, system: undefined };
  const { browser, os } = Bowser.parse(userAgent);
  return { name: browser.name || undefined, version: browser.version || undefined, system: os.name || undefined };
}
