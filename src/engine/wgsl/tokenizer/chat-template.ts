/**
 * Runs a model's Jinja template. Templates come with the model and are not trusted: what one may do is to make text
 * of what it is given, within bounds.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { IngleError, messageOf } from "../../../shared/errors";
import { unsupported } from "./parts";
import { isStripName, strftime, strip } from "./python-text";

type Node = NonNullable<Parameters<Interpreter["evaluate"]>[0]>;
type Value = ReturnType<Interpreter["evaluate"]>;

/** The longest template; real ones have some thousand characters. */
const MAX_TEMPLATE = 1 << 18;
/** The longest text or list a template may make on its way. */
const MAX_SIZE = 1 << 24;
const MAX_RANGE = 10_000;
/** Steps of the interpreter a rendering may take. Qwen3's template takes 62 for each message. */
const MAX_STEPS = 1_000_000;
/** Characters and list items all steps may yield together. Qwen3's template yields twelve for each it is given. */
const MAX_YIELD = 1_000_000_000;
/** A step may do more than it yields, so the clock has a word too. Seconds are long for what takes milliseconds. */
const MAX_MILLISECONDS = 10_000;
const STEPS_BETWEEN_LOOKS = 256;

/** The template's own way to say no: `raise_exception("Roles must alternate")`. */
class Refusal extends Error {}

export class ChatTemplate {
  readonly #source: string;
  #program: ReturnType<typeof parse> | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  /**
   * @throws IngleError "chat-invalid" with the template's words when it refuses; "model-unsupported" when it fails.
   */
  render(variables: Readonly<Record<string, unknown>>): string {
    try {
      const interpreter = new BoundedInterpreter(environmentOf(variables));
      const { value } = interpreter.run(this.#parsed());
      if (typeof value !== "string") throw new Error("it gave no text");
      return value;
    } catch (thrown) {
      if (thrown instanceof Refusal) {
        throw new IngleError("chat-invalid", `The model's chat template refuses this: ${thrown.message}`);
      }
      throw new IngleError("model-unsupported", `The model's chat template failed: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    }
  }

  #parsed(): ReturnType<typeof parse> {
    if (this.#source.length > MAX_TEMPLATE) throw unsupported("it is too long");
    // As transformers sets Jinja up.
    this.#program ??= parse(tokenize(this.#source, { lstrip_blocks: true, trim_blocks: true }));
    return this.#program;
  }
}

function environmentOf(variables: Readonly<Record<string, unknown>>): Environment {
  const environment = new Environment();
  const globals: Readonly<Record<string, unknown>> = {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    raise_exception: (message: unknown) => {
      throw new Refusal(typeof message === "string" ? message : "it says not why.");
    },
    range,
    strftime_now: (format: unknown) => strftime(new Date(), String(format)),
    ...variables,
  };
  for (const [name, value] of Object.entries(globals)) environment.set(name, value);
  return environment;
}

function range(first: number, second?: number, step = 1): number[] {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= MAX_RANGE)) throw new Error(`range() of more than ${MAX_RANGE}`);
  return Array.from({ length }, (_, i) => from + i * step);
}

/** The library's interpreter, counting what it does, and with Python's strip functions. */
class BoundedInterpreter extends Interpreter {
  #steps = 0;
  #yielded = 0;
  readonly #until = performance.now() + MAX_MILLISECONDS;

  override evaluate(node: Node | undefined, environment: Environment): Value {
    const value = this.#strip(node, environment) ?? super.evaluate(node, environment);
    const inner: unknown = value.value;
    const size = typeof inner === "string" || Array.isArray(inner) ? inner.length : 0;
    this.#steps += 1;
    this.#yielded += size;
    if (size > MAX_SIZE || this.#steps > MAX_STEPS || this.#yielded > MAX_YIELD) {
      throw new Error("it makes too much of what it is given");
    }
    if (this.#steps % STEPS_BETWEEN_LOOKS === 0 && performance.now() > this.#until) throw new Error("it does not end");
    return value;
  }

  /** `text.lstrip("\n")` and `text | trim`: the library ignores the argument, and takes JavaScript's white space. */
  #strip(node: Node | undefined, environment: Environment): Value | undefined {
    const call = stripCall(node);
    if (call === undefined) return undefined;
    const text = this.evaluate(call.of, environment);
    const characters = call.characters && this.evaluate(call.characters, environment).value;
    if (typeof text.value !== "string" || (characters !== undefined && typeof characters !== "string")) {
      throw new Error(`cannot ${call.name} ${text.type}`);
    }
    // The library does not give its StringValue away; an environment makes one.
    return new Environment().set("stripped", strip(text.value, call.name, characters));
  }
}

/** The parts of the library's syntax tree that matter here; it exports no types for them. */
interface AnyNode extends Node {
  readonly value?: unknown;
  readonly callee?: AnyNode;
  readonly args?: readonly AnyNode[];
  readonly object?: AnyNode;
  readonly property?: AnyNode;
  readonly computed?: boolean;
  readonly operand?: AnyNode;
  readonly filter?: AnyNode;
}

function stripCall(node: AnyNode | undefined) {
  if (node?.type === "FilterExpression" && node.filter?.type === "Identifier" && node.filter.value === "trim") {
    return node.operand && { of: node.operand, name: "strip" as const, characters: undefined };
  }
  if (node?.type !== "CallExpression" || node.callee?.type !== "MemberExpression" || node.callee.computed === true) {
    return undefined;
  }
  const { object, property } = node.callee;
  const name = property?.value;
  const [characters, more] = node.args ?? [];
  if (object === undefined || typeof name !== "string" || !isStripName(name) || more !== undefined) return undefined;
  return { of: object, name, characters };
}
