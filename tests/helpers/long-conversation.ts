/** A conversation that somebody kept for years, as a file of Ingle's own. */
export function longConversation(messageCount: number): { name: string; mimeType: string; buffer: Buffer } {
  const messages = Array.from({ length: messageCount }, (_, i) => ({
    id: `m${i}`,
    ...(i > 0 && { parent: `m${i - 1}` }),
    role: i % 2 === 0 ? "user" : "assistant",
    content: `Message **${i}** of many.\n\n- with\n- a list`,
    state: "whole",
    createdAt: 1000 + i,
  }));
  const leaf = `m${messageCount - 1}`;
  const conversations = [{ id: "long", title: "Long", createdAt: 1, changedAt: 1, leaf, messages }];
  const buffer = Buffer.from(JSON.stringify({ kind: "ingle-conversations", version: 1, conversations }));
  return { name: "long.json", mimeType: "application/json", buffer };
}
