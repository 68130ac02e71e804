/**
 * A worker script as a `blob:` module that imports the real one. A worker loaded from a URL takes its content
 * security policy from that URL's headers, which a static host may not let us set; one loaded from a blob
 * inherits the page's, connect gate included.
 *
 * @param url absolute, same origin.
 * @returns the blob's URL. It stays valid until `revoke`, which is due once the worker has answered.
 */
export function blobModule(url: URL): { readonly url: string; revoke(): void } {
  const source = `import ${JSON.stringify(url.href)};`;
  const blobUrl = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return { url: blobUrl, revoke: () => URL.revokeObjectURL(blobUrl) };
}
