/** `npm run catalogue`: writes src/catalogue/catalogue.json from WebLLM's list of models and scripts/catalogue/facts.ts. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prebuiltAppConfig } from "@mlc-ai/web-llm";
import { format } from "prettier";
import { deriveCatalogue } from "./catalogue/derive";

const path = fileURLToPath(new URL("../src/catalogue/catalogue.json", import.meta.url));
const catalogue = deriveCatalogue(prebuiltAppConfig.model_list);
writeFileSync(path, await format(JSON.stringify(catalogue), { parser: "json", printWidth: 120 }));
console.log(`${catalogue.length} models, ${catalogue.flatMap(({ builds }) => builds).length} builds.`);
