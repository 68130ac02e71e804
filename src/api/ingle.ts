/** What the page's own entry makes of it: a few functions that fetch the rest when they are called. */
import type { ModelDesk } from "../desk/desk";
import type { CapabilityReport } from "../probe/report";
import type { OpenTalk } from "../talk/open-talk";
import type { CreateCompletion, Ingle } from "./types";

export interface IngleParts {
  readonly openDesk: () => Promise<Pick<ModelDesk, "state" | "refresh">>;
  readonly openTalk: () => Promise<OpenTalk>;
  readonly capabilities: () => Promise<CapabilityReport>;
}

export function makeIngle({ openDesk, openTalk, capabilities }: IngleParts): Ingle {
  const create = async (params: unknown, options?: unknown) => {
    const { createCompletion } = await import("./completions");
    return createCompletion(openTalk, params, options);
  };
  return {
    chat: { completions: { create: create as CreateCompletion } },
    models: {
      async list() {
        const [desk, { listModels }] = await Promise.all([openDesk(), import("./models")]);
        // Another tab may have got one. Where nothing can be kept, the starter is there all the same.
        await desk.refresh().catch(() => undefined);
        return listModels(desk.state);
      },
    },
    capabilities,
  };
}
