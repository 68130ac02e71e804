/**
 * The connect gate: first in the page's head, blocking, before anything can ask for anything. It adds the base policy
 * once more with its `connect-src *` narrowed to the page's own origin, this computer, and the hosts its user allows.
 * Policies only ever add up, so nothing that runs later can widen it; a change to the list applies from the next load.
 * It also applies the theme that was chosen: nothing is painted before it ran, so nothing changes its colours later.
 * Built into a classic script of its own (vite.config.ts), because a module would run too late.
 */
import { loadHosts } from "./shared/hosts";
import { connectPolicy, GATE_ID } from "./shared/policy";
import { loadPreferences } from "./shared/preferences";
import { applyTheme } from "./shared/theme";

const base = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]');
const policy = document.createElement("meta");
policy.httpEquiv = "Content-Security-Policy";
// The whole of it, not connect-src alone: a prefetch is allowed if any directive of a policy allows it, and one
// without default-src allows everything it does not name. Without a base policy only the list stays reachable.
policy.content = `${base?.content.replace(/connect-src [^;]*;?/, "") ?? "default-src 'self'"}; ${connectPolicy(loadHosts(() => localStorage))}`;
policy.id = GATE_ID;
document.head.append(policy);

applyTheme(document, loadPreferences(() => localStorage).theme);
