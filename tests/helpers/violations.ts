/**
 * Watches a whole browser for violations of content security policies: pages, dedicated, shared and service workers,
 * none of which report to the others. Works through the browser's own protocol, without touching the pages' code.
 */
import type { Browser, CDPSession } from "playwright/test";

export interface Violation {
  /** "page", "worker", "shared_worker", "service_worker". */
  readonly where: string;
  /** "connect-src", "script-src", … */
  readonly directive: string;
  readonly blockedUrl: string;
}

interface ContentSecurityPolicyIssue {
  readonly violatedDirective: string;
  readonly blockedURL?: string;
}

const WATCHED = new Set(["page", "worker", "shared_worker", "service_worker"]);

export class ViolationWatch {
  readonly seen: Violation[] = [];
  readonly #session: CDPSession;
  readonly #targets = new Map<string, string>();
  #nextId = 1;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async on(browser: Browser): Promise<ViolationWatch> {
    const watch = new ViolationWatch(await browser.newBrowserCDPSession());
    const session = watch.#session;
    session.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => watch.#receive(sessionId, message));
    session.on("Target.targetCreated", ({ targetInfo }) => {
      if (WATCHED.has(targetInfo.type)) void watch.#attach(targetInfo.targetId, targetInfo.type);
    });
    await session.send("Target.setDiscoverTargets", { discover: true });
    return watch;
  }

  /** What was seen since the last call. */
  take(): Violation[] {
    return this.seen.splice(0);
  }

  async #attach(targetId: string, type: string): Promise<void> {
    try {
      const { sessionId } = await this.#session.send("Target.attachToTarget", { targetId, flatten: false });
      this.#targets.set(sessionId, type);
      const message = JSON.stringify({ id: this.#nextId++, method: "Audits.enable" });
      await this.#session.send("Target.sendMessageToTarget", { sessionId, message });
    } catch {
      // It was gone before it could be watched.
    }
  }

  #receive(sessionId: string, text: string): void {
    const message = JSON.parse(text) as {
      method?: string;
      params?: { issue?: { details?: { contentSecurityPolicyIssueDetails?: ContentSecurityPolicyIssue } } };
    };
    const issue = message.params?.issue?.details?.contentSecurityPolicyIssueDetails;
    if (message.method !== "Audits.issueAdded" || issue === undefined) return;
    this.seen.push({
      where: this.#targets.get(sessionId) ?? "unknown",
      directive: issue.violatedDirective,
      blockedUrl: issue.blockedURL ?? "",
    });
  }
}
