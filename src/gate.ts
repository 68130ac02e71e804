/**
 * The connect gate: first in the page's head, blocking, before anything can ask for anything. It narrows the base
 * policy's `connect-src *` to the page's own origin, this computer, and the hosts its user allows. Policies only ever
 * add up, so nothing that runs later can widen it; a change to the list applies from the next load.
 * Built into a classic script of its own (vite.config.ts), because a module would run too late.
 */
import { connectPolicy, loadHosts } from "./shared/hosts";

const policy = document.createElement("meta");
policy.httpEquiv = "Content-Security-Policy";
policy.content = connectPolicy(loadHosts(() => localStorage));
document.head.append(policy);
