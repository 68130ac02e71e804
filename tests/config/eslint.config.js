import lit from "eslint-plugin-lit";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const project = (tsconfig, ...files) => ({
  files,
  languageOptions: { parserOptions: { project: tsconfig, tsconfigRootDir: `${import.meta.dirname}/../..` } },
});

/** What only workers run, as in tsconfig.json's "exclude". */
const workerFiles = [
  "src/sw.ts",
  "src/engine/**/*.ts",
  "src/store/**/*.ts",
  "src/probe/worker-facts.ts",
  "src/worker/{measure,rehearse}/**/*.ts",
  "src/worker/{answer-probe,choice-memory,entry,gpu-holder,kernel-checks,model-holder,queue,shared-entry}.ts",
];
const nodeFiles = ["vite.config.ts", "scripts/**/*.ts", "tests/**/*.ts"];

export default defineConfig(
  { ignores: ["dist/", "test-results/", ".cache/", "tests/config/*.{js,cjs}"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  lit.configs["flat/recommended"],
  project("tsconfig.json", "src/**/*.ts"),
  project("tests/config/tsconfig.worker.json", ...workerFiles),
  project("tests/config/tsconfig.node.json", ...nodeFiles),
  {
    rules: {
      "max-lines": ["error", { max: 300 }],
      "no-console": ["error", { allow: ["warn", "error"] }],
      eqeqeq: "error",
      // An empty string is as good as none where a browser says nothing.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      // `import { type T }` alone keeps its module in the bundle; `import type { T }` does not.
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Event handlers of Lit templates: Lit binds `this` itself.
      "@typescript-eslint/unbound-method": "off",
      // Lit's reactive properties are declared (`declare name: T`), never parameter properties.
      "@typescript-eslint/no-invalid-void-type": "off",
    },
  },
  { files: ["scripts/**", "tests/**"], rules: { "no-console": "off" } },
);
