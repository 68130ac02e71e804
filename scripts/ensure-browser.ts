/** `npm run browser`: says which browser the tests will drive, installing one if there is none. */
import { ensureBrowser } from "./browser";

try {
  const path = ensureBrowser((line) => console.error(line));
  console.log(`Browser: ${path}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
