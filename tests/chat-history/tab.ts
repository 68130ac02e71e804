/**
 * What stands for another tab: a worker with a history of its own, over the same IndexedDB, locks and channel.
 * `terminate()` ends it as a crash ends a tab: nothing of it runs any more.
 */
import {
  addMessage,
  appendText,
  beginReply,
  continueReply,
  cutReply,
  newConversation,
} from "../../src/chat/conversation";
import { ChatHistory } from "../../src/chat/history";
import type { IngleError } from "../../src/shared/errors";
import { messageOf } from "../../src/chat/message";

const problems: IngleError[] = [];
const history = new ChatHistory({ onProblem: (problem) => problems.push(problem) });

const tasks = {
  /** So many new conversations, one after the other. @returns their ids. */
  async writeConversations(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const conversation = addMessage(newConversation(), { content: `other tab ${i}` });
      await history.save(conversation);
      ids.push(conversation.id);
    }
    return ids;
  },

  /** So many messages, each answering what is at the end of the branch this tab sees. @returns their ids. */
  async writeMessages(id: string, count: number): Promise<string[]> {
    let { conversation } = await history.read(id);
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      conversation = addMessage(conversation, { content: `other tab ${i}` });
      await history.save(conversation);
      ids.push(conversation.leaf ?? "");
    }
    return ids;
  },

  /** Begins a reply, or goes on with the last one, and streams into it for so long. @returns the text by then. */
  async stream(id: string, streamMs: number, ends: boolean): Promise<string> {
    const { conversation: kept } = await history.read(id);
    const last = messageOf(kept, kept.leaf ?? "");
    let conversation = last?.role === "assistant" ? continueReply(kept, "m") : beginReply(kept, "m");
    await history.save(conversation);
    const end = performance.now() + streamMs;
    for (let i = 0; performance.now() < end; i++) {
      conversation = appendText(conversation, `token ${i} `);
      history.checkpoint(conversation);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const text = conversation.growing?.content ?? "";
    if (ends) await history.save(cutReply(conversation));
    if (problems[0] !== undefined) throw problems[0];
    return text;
  },

  async remove(id: string): Promise<void> {
    await history.remove(id);
  },
};

export type Tasks = typeof tasks;

interface Request {
  readonly task: keyof Tasks;
  readonly given: readonly unknown[];
}

self.onmessage = ({ data: { task, given } }: MessageEvent<Request>) => {
  const work = tasks[task] as (...given: readonly unknown[]) => Promise<unknown>;
  work(...given).then(
    (result) => self.postMessage({ result }),
    (thrown: unknown) => self.postMessage({ problem: String(thrown) }),
  );
};
