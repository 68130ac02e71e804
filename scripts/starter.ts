/** `npm run starter`: fetches the starter model that is served with the page, unless it is there. */
import { runStarter } from "./starter/cli";

process.exitCode = await runStarter(process.argv.slice(2), process);
