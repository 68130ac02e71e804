/** A host with faults for all tests of a run that are in the browser. */
import type { TestProject } from "vitest/node";
import { startFaultHost } from "./fault-host";

declare module "vitest" {
  interface ProvidedContext {
    faultHost: string;
    /** How many schedules of faults are run. */
    schedules: number;
    /** A folder, or "". */
    isFull: boolean;
    mlcLibraries: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = await startFaultHost();
  project.provide("faultHost", host.url);
  return () => host.stop();
}
