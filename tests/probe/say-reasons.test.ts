import { describe, expect, it } from "vitest";
import { explainAbsence } from "../../src/probe/absence";
import { describe as describeReport } from "../../src/probe/describe";
import { known, unknown } from "../../src/probe/report";
import { sayReasons } from "../../src/probe/say-reasons";
import { judge } from "../../src/probe/verdict";
import { reportWords } from "../../src/probe/words";
import { report as german } from "../../src/ui/messages/de-report";
import { makeReport } from "../fixtures/make-report";

const FIREFOX = { name: "Firefox", version: "140.0", system: "Windows" };
const browser = {
  ...makeReport().browser,
  name: known(FIREFOX.name),
  version: known(FIREFOX.version),
  system: known(FIREFOX.system),
};
const absent = makeReport({ browser, webgpu: explainAbsence("no-api", FIREFOX) });

describe("sayReasons", () => {
  it("says why there is no WebGPU, and what to do, all in the language", () => {
    const said = sayReasons(absent, german);
    expect(judge(said, german)).toMatchObject({
      level: "no",
      sentence: "Nein: Firefox 140 bietet hier kein WebGPU an.",
      remedy: "Firefox auf Version 141 oder neuer aktualisieren.",
    });
    expect(absent.webgpu).toEqual(explainAbsence("no-api", FIREFOX));
  });

  it("keeps in brackets what a reason has of its own", () => {
    const report = makeReport({ webgpu: unknown("failed", "Reading it failed: E17.") });
    const { webgpu } = sayReasons(report, german);
    expect(webgpu).toEqual({ reason: { code: "failed", message: "Das ist gescheitert. (Reading it failed: E17.)" } });
    const lost = makeReport({ browser, webgpu: explainAbsence("device-request-failed", FIREFOX, "E18") });
    expect(judge(sayReasons(lost, german), german).sentence).toMatch(/^Nein: Eine GPU hat geantwortet, .*E18/);
  });

  it("leaves values as they are, and in English everything", () => {
    const report = makeReport();
    expect(sayReasons(report, reportWords)).toEqual(report);
    expect(sayReasons(absent, german).storage).toEqual(sayReasons(report, german).storage);
  });

  it("makes German rows of a report", () => {
    const rows = describeReport(sayReasons(makeReport(), german), german).flatMap(({ title, rows }) => [
      title,
      ...rows.map(({ label }) => label),
    ]);
    expect(rows).toEqual(expect.arrayContaining(["Tempo", "Hersteller", "maxBufferSize", "Bandbreite beim Lesen"]));
  });
});
