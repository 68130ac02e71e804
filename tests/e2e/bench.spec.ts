/** `npm run bench` from the shell. Only `npm run test:full` has the time. */
import type { BenchReport } from "../../scripts/bench/bench-report";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 180_000 }); // a busy machine takes its time

test("bench: figures as JSON alone on stdout, with the bounds that hold on every machine", async ({ run }) => {
  const { status, stdout, stderr } = await run("bench", "--software", "--quick", "--json", "--shape=tiny-qwen2");
  const report = JSON.parse(stdout) as BenchReport;
  expect(stderr).not.toContain("MISSED");
  expect(status).toBe(0);
  expect(report).toMatchObject({
    kind: "ingle-bench",
    where: { adapter: "google swiftshader" },
    model: { name: "Synthetic tiny-qwen2", contextLength: 2048, layers: 2 },
    perToken: { dispatches: 13, buffers: 0, bindGroups: 0, pipelines: 0, bytesRead: 4 },
  });
  const { loading, perToken, prefill, decode, notes } = report;
  expect(perToken.submits).toBeLessThanOrEqual(1);
  expect(loading.choosingMs).toBeGreaterThan(0);
  expect(loading.gpu.bytes).toBeGreaterThanOrEqual(report.model.bytes.total);
  expect(prefill.map(({ tokens }) => tokens)).toEqual([64, 512]);
  expect(decode.map(({ context }) => context)).toEqual([64, 512]);
  for (const { tokensPerSecond } of [...prefill, ...decode]) expect(tokensPerSecond?.median).toBeGreaterThan(0);
  expect(decode[0]?.bandwidthShare).toBeGreaterThan(0);
  expect(decode[0]?.bandwidthShare).toBeLessThan(1);
  expect(notes).toEqual(["Decoding at a context of 2048 was left out (--quick)."]);
});
