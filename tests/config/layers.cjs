/** The arrows of docs/ARCHITECTURE.md: what a folder may import from src/, apart from itself and shared/. */
const pageWorkerFiles =
  "(?:client|model-client|store-client|stay-awake|lifeline|protocol|other-workers|service-worker-client)";
const arrows = {
  shared: [],
  probe: [],
  catalogue: [],
  fit: ["catalogue", "probe"],
  app: ["catalogue", "fit", "probe", `worker/${pageWorkerFiles}`],
  chat: ["engine/engine"],
  desk: [
    "app",
    "catalogue",
    "chat",
    "engine/engine",
    "fit",
    "probe",
    "store/model-spec",
    "tabs",
    `worker/${pageWorkerFiles}`,
  ],
  tabs: ["engine/engine", `worker/${pageWorkerFiles}`],
  talk: ["chat", "desk", "engine/engine", "probe"],
  api: ["desk", "engine/engine", "probe", "talk"],
  store: [],
  ui: ["app", "catalogue", "chat", "desk", "fit", "probe", "store/model-spec", "talk"],
  engine: [],
  worker: ["engine", "fit", "probe", "store"],
};

/** dependency-cruiser reads paths as they lie in the repository. */
const folder = (name) => (name === "app" ? "^src/app\\.ts$" : `^src/${name}/`);
const target = (name) =>
  name === "app" ? "^src/app\\.ts$" : name.includes("/") ? `^src/${name}\\.ts$` : `^src/${name}/`;

module.exports = {
  forbidden: [
    ...Object.entries(arrows).map(([name, allowed]) => ({
      name: `${name}-imports-against-the-grain`,
      severity: "error",
      from: { path: folder(name) },
      to: {
        path: "^src/",
        pathNot: [folder(name), "^src/shared/", ...allowed.map(target)],
      },
    })),
    {
      name: "page-side-of-worker-imports-worker-side",
      comment:
        "The page's client shares the protocol with the worker; of the entries it imports the URL (`?worker&url`).",
      severity: "error",
      from: { path: `^src/worker/${pageWorkerFiles}\\.ts$` },
      to: {
        path: "^src/(?:engine|store|worker)/",
        pathNot: [
          `^src/worker/${pageWorkerFiles}\\.ts$`,
          "^src/worker/(?:shared-)?entry\\.ts$",
          "^src/engine/engine\\.ts$",
          "^src/store/(?:model-spec|announce)\\.ts$",
          "^src/fit/rehearsal\\.ts$",
        ],
      },
    },
    {
      name: "kernels-know-gpu-only",
      severity: "error",
      from: { path: "^src/engine/wgsl/kernels/" },
      to: { path: "^src/", pathNot: ["^src/engine/wgsl/(?:kernels|gpu)/", "^src/shared/"] },
    },
    {
      name: "gpu-knows-nobody",
      severity: "error",
      from: { path: "^src/engine/wgsl/gpu/" },
      to: { path: "^src/", pathNot: ["^src/engine/wgsl/gpu/", "^src/shared/"] },
    },
    {
      name: "messages-are-drawn-from-their-text-alone",
      severity: "error",
      from: { path: "^src/ui/markdown/" },
      to: { path: "^src/", pathNot: ["^src/ui/(?:markdown/|messages(?:/|\\.ts$)|styles\\.ts$)", "^src/shared/"] },
    },
    {
      name: "rendering-libraries-only-behind-the-message",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/ui/markdown/" },
      to: { path: "node_modules/(?:markdown-it|dompurify|highlight\\.js|temml)/" },
    },
    {
      name: "a-message-loads-what-draws-it-later",
      comment: "The libraries are large; the element that shows plain text meanwhile is not.",
      severity: "error",
      from: { path: "^src/ui/markdown/message-text\\.ts$" },
      to: {
        path: "^src/ui/markdown/(?:drawing|parser|sanitise|math|highlight)\\.ts$",
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "web-llm-only-behind-its-engine",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/engine/webllm/" },
      to: { path: "@mlc-ai/web-llm" },
    },
    {
      name: "web-xgrammar-only-in-its-worker",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/engine/wgsl/grammar/grammar-worker\\.ts$" },
      to: { path: "@mlc-ai/web-xgrammar" },
    },
    {
      name: "nothing-imports-tests-or-scripts",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(?:tests|scripts)/" },
    },
    {
      name: "imports-resolve",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true, pathNot: "\\?" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
