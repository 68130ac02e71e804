import { defineConfig, type Connect, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { bundleGate } from "./scripts/bundle-gate.ts";
import { starterModel } from "./scripts/starter/vite-plugin.ts";
import { HOSTS_PARAMETER, parseHosts, serviceWorkerPolicy } from "./src/shared/policy.ts";

const GATE = "gate.js";

/**
 * The connect gate as one classic script: `<script src>` at the top of the head, which blocks until it ran. A module
 * would be deferred, and an inline script is what the policy forbids.
 */
function connectGate(): Plugin {
  return {
    name: "ingle-connect-gate",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: GATE, source: await bundleGate() });
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (!request.url?.startsWith(`/${GATE}`)) {
          next();
          return;
        }
        bundleGate().then(
          (code) => response.setHeader("Content-Type", "text/javascript").end(code),
          (error: unknown) => next(error),
        );
      });
    },
  };
}

/**
 * `npm start` holds the service worker to the user's list by a header, since nothing in the page can: a service
 * worker takes its policy from its own response.
 */
function serviceWorkerHeader(): Plugin {
  const middleware: Connect.NextHandleFunction = (request, response, next) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname.endsWith("/sw.js")) {
      const hosts = url.searchParams.get(HOSTS_PARAMETER);
      const list = parseHosts(hosts === null ? null : JSON.stringify(hosts.split(",")));
      response.setHeader("Content-Security-Policy", serviceWorkerPolicy(list));
    }
    next();
  };
  return {
    name: "ingle-service-worker-header",
    // Netlify, Cloudflare Pages and their like read this file. They can't know a user's list: none is allowed there.
    generateBundle() {
      const source = `/sw.js\n  Content-Security-Policy: ${serviceWorkerPolicy([])}\n`;
      this.emitFile({ type: "asset", fileName: "_headers", source });
    },
    configurePreviewServer: ({ middlewares }) => void middlewares.use(middleware),
  };
}

export default defineConfig({
  base: "./", // any static host, any sub-path
  build: {
    target: "es2023",
    manifest: ".vite/manifest.json", // read by scripts/budget.ts
    rolldownOptions: {
      input: { index: "index.html", programs: "src/programs.ts" },
      preserveEntrySignatures: "exports-only", // programs.js is there for what it exports
      // Programs that drive the page import it by its name.
      output: { entryFileNames: ({ name }) => (name === "programs" ? "[name].js" : "assets/[name]-[hash].js") },
    },
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  appType: "mpa", // what is not there is a 404, as on a static host, and not the page
  preview: { host: "localhost", port: 4173 },
  plugins: [
    connectGate(),
    serviceWorkerHeader(),
    starterModel(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      injectRegister: null,
      injectManifest: {
        globPatterns: ["**/*.{js,css,html,wasm,svg,png,webmanifest}"],
        // WebLLM and the grammars are large, and fetched when they are first needed: src/sw.ts keeps them from then on.
        globIgnores: ["**/sw.js", "**/webllm-library-*.js", "**/grammar-worker-*.js"],
        // Past it a file would be left out of the shell with a mere warning; scripts/budget.ts sees that none is.
        maximumFileSizeToCacheInBytes: 32 * 2 ** 20,
      },
      includeManifestIcons: false, // the pattern above has them
      manifest: {
        name: "Ingle",
        short_name: "Ingle",
        description: "Run a language model on your own GPU, in a web page that sends nothing anywhere.",
        start_url: "./",
        scope: "./",
        display: "standalone",
        background_color: "#f6f2ea",
        theme_color: "#f6f2ea",
        icons: [
          { src: "icons/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icons/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
          { src: "icons/icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
    }),
  ],
});
