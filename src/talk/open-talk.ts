/** Puts the talk together: of the desk, this browser's history, and what it says of the connection. */
import { ChatHistory } from "../chat/history";
import type { ModelDesk } from "../desk/desk";
import type { CapabilityReport, Reason, ReasonCode } from "../probe/report";
import { browserMemory } from "./memory";
import { PresetShelf } from "./preset-shelf";
import { Shelf } from "./shelf";
import { Talk } from "./talk";

export interface OpenTalk {
  readonly talk: Talk;
  readonly shelf: Shelf;
  readonly presets: PresetShelf;
  readonly desk: ModelDesk;
}

/** What says that there is no GPU here; what could not be found out says nothing. */
const ABSENCES: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "no-api",
  "insecure-context",
  "no-adapter",
  "device-request-failed",
]);

export function openTalk(desk: ModelDesk, { webgpu }: CapabilityReport): OpenTalk {
  const memory = browserMemory();
  const history = new ChatHistory({ onProblem: (problem) => talk.report(problem) });
  const presets = new PresetShelf(history);
  const talk: Talk = new Talk({
    desk,
    history,
    memory,
    absence: "reason" in webgpu ? absenceOf(webgpu.reason) : undefined,
    presetOf: (id) => presets.find(id),
    isMetered: isMetered(),
    onSaved: () => shelf.refresh(),
  });
  const shelf = new Shelf({ history, talk });
  void presets.refresh();
  return { talk, shelf, presets, desk };
}

/** Where the browser tells: Save-Data is asked for, or the connection is a phone's. Not every browser does. */
function isMetered(): boolean {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean; readonly type?: string } };
  return connection?.saveData === true || connection?.type === "cellular";
}

function absenceOf(reason: Reason): Reason | undefined {
  return ABSENCES.has(reason.code) ? reason : undefined;
}
