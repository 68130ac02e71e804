/** The models that are offered, from the smallest to the largest. The data are derived: `npm run catalogue`. */
import data from "./catalogue.json";
import type { CatalogueModel } from "./model-facts";

export const CATALOGUE = data as readonly CatalogueModel[];
