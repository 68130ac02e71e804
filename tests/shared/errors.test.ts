import { describe, expect, it } from "vitest";
import { asIngleError, fromWire, IngleError, messageOf, toWire, type WireError } from "../../src/shared/errors";

describe("messageOf", () => {
  it.each([
    [new Error("out of paper"), "out of paper"],
    [new TypeError(""), "TypeError"],
    ["plain words", "plain words"],
    [{ message: "GPU said so" }, "GPU said so"], // as a GPUError is
    [new IngleError("timed-out", "Too late."), "Too late."],
  ])("takes the sentence out of %o", (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it.each([
    [""],
    [null],
    [undefined],
    [42],
    [Symbol("s")],
    [{}],
    [Object.create(null)],
    [{ message: 7 }],
    [{ message: "" }],
    [() => 1],
  ])("has words for %o, which is no error", (thrown: unknown) => {
    const message = messageOf(thrown);
    expect(message).not.toBe("");
    expect(message).not.toContain("[object");
  });
});

describe("asIngleError", () => {
  it("leaves an IngleError as it is", () => {
    const error = new IngleError("device-lost", "Gone.");
    expect(asIngleError(error, "timed-out")).toBe(error);
  });

  it("reads the DOM's AbortError as a stop, whatever code is offered", () => {
    const thrown = new DOMException("The user aborted a request.", "AbortError");
    expect(asIngleError(thrown, "worker-failed")).toMatchObject({
      code: "aborted",
      message: "Stopped.",
      cause: thrown,
    });
  });

  it("keeps any other DOMException's words", () => {
    const thrown = new DOMException("The quota has been exceeded.", "QuotaExceededError");
    expect(asIngleError(thrown)).toMatchObject({ code: "unexpected", message: "The quota has been exceeded." });
  });

  it("gives what it wraps the code offered, and keeps it as the cause", () => {
    const thrown = new RangeError("too far");
    const error = asIngleError(thrown, "gpu-validation");
    expect(error).toBeInstanceOf(IngleError);
    expect(error).toMatchObject({ name: "IngleError", code: "gpu-validation", message: "too far", cause: thrown });
  });
});

/** The other side of a worker boundary. */
const cross = (thrown: unknown): IngleError => fromWire(structuredClone(toWire(thrown)));

function chainOf(wire: WireError): WireError[] {
  return wire.cause === undefined ? [wire] : [wire, ...chainOf(wire.cause)];
}

describe("toWire and fromWire", () => {
  it("carry code, message, stack and the chain of causes through a structured clone", () => {
    const root = new RangeError("index 9 of 4");
    const middle = new IngleError("gpu-validation", "The shader is wrong.", { cause: root });
    const error = new IngleError("worker-failed", "The worker stopped.", { cause: middle });

    const arrived = cross(error);
    expect(arrived).toBeInstanceOf(IngleError);
    expect(arrived).toMatchObject({ code: "worker-failed", message: "The worker stopped.", stack: error.stack });
    expect(arrived.cause).toBeInstanceOf(IngleError);
    expect(arrived.cause).toMatchObject({
      code: "gpu-validation",
      message: "The shader is wrong.",
      stack: middle.stack,
    });
    expect((arrived.cause as IngleError).cause).toMatchObject({ message: "index 9 of 4", stack: root.stack });
    expect(((arrived.cause as IngleError).cause as IngleError).cause).toBeUndefined();
  });

  it("follow the causes of errors that are not Ingle's", () => {
    const arrived = cross(new TypeError("outer", { cause: new Error("inner", { cause: "a string" }) }));
    expect(chainOf(toWire(arrived)).map(({ message }) => message)).toEqual(["outer", "outer", "inner", "a string"]);
  });

  it("carry what is no error at all", () => {
    expect(cross("words")).toMatchObject({ code: "unexpected", message: "words" });
    expect(cross(undefined).message).not.toBe("");
  });

  it("drop what can't be cloned instead of failing", () => {
    const cause = Object.assign(new Error("with luggage"), { luggage: () => 1 });
    expect(cross(new IngleError("unexpected", "Outer.", { cause })).cause).toMatchObject({ message: "with luggage" });
  });

  it("end on a cause that is its own cause", () => {
    const error = new IngleError("unexpected", "Round.");
    error.cause = error;
    expect(chainOf(toWire(error)).length).toBeLessThanOrEqual(10);
  });

  it("end on causes in a circle, Ingle's own and others, and when the circle comes back again", () => {
    const a = new Error("a");
    const b = new IngleError("unexpected", "b", { cause: a });
    const c = new TypeError("c", { cause: b });
    a.cause = c;
    for (const start of [a, b, c]) {
      const chain = chainOf(toWire(cross(start)));
      expect(chain.length).toBeGreaterThan(3);
      expect(chain.length).toBeLessThanOrEqual(10);
    }
  });
});
