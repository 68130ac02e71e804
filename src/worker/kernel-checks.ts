/** Runs the engine's kernels against their references on this GPU. One that can't run is reported, not thrown. */
import { guarded, type Gpu } from "../engine/wgsl/gpu/gpu";
import { KERNEL_CHECKS } from "../engine/wgsl/kernels/checks";
import { known, unknown, type KernelCheck } from "../probe/report";
import { asIngleError, throwIfAborted } from "../shared/errors";

/** @throws IngleError "aborted", between kernels. */
export async function checkKernels(gpu: Gpu, signal: AbortSignal): Promise<readonly KernelCheck[]> {
  const checks: KernelCheck[] = [];
  for (const [kernel, run] of Object.entries(KERNEL_CHECKS)) {
    throwIfAborted(signal);
    try {
      checks.push({ kernel, result: known(await guarded(gpu, kernel, () => run(gpu))) });
    } catch (thrown) {
      checks.push({ kernel, result: unknown("failed", asIngleError(thrown).message) });
    }
  }
  return checks;
}
