import { expect, it } from "vitest";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { checkMatvecQ4 } from "../../src/engine/wgsl/kernels/matvec-q4/matvec-q4.check";

it("agrees", async () => {
  const gpu = await openGpu(navigator.gpu);
  const c = await checkMatvecQ4(gpu);
  console.log(JSON.stringify(c));
  expect(c.verdict).toBe("pass");
});
