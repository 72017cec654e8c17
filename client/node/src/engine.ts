// The engine: the service's core and a policy, as a WebAssembly module (service/engine). Nothing here is Node.js's, so that it runs wherever
// WebAssembly does; who has the module's octets compiles them.
import { fromBinary } from "@bufbuild/protobuf";

import { FingerpostError, type Violation } from "./errors.js";
import { ErrorReasonSchema, ErrorSchema } from "./gen/fingerpost/v1/answer_pb.js";
import { nameOf } from "./names.js";

/** The number of the interface (FINGERPOST_ABI of service/engine/fingerpost.h) that this package was written for. */
export const ABI = 2;

/** A v1.DecideResponse (and so on), or a v1.Error, in protobuf's octets. They are the caller's own. */
export type EngineAnswer = { readonly ok: true; readonly octets: Uint8Array } | { readonly ok: false; readonly error: Uint8Array };

/** A policy, ready to answer. Questions and answers are messages of proto/fingerpost/v1 in protobuf's octets. Throws EngineError where the engine fails. */
export interface EnginePolicy {
  /** What answers under it say as policy_version. */
  readonly version: string;
  /** From a v1.DecideRequest, with `now` and `draw`, to a v1.DecideResponse. */
  decide(question: Uint8Array): EngineAnswer;
  /** From a v1.FollowRequest to a v1.FollowResponse. The policy only counts it. */
  follow(question: Uint8Array): EngineAnswer;
  /** From a v1.BatchDecideRequest to a v1.BatchDecideResponse. */
  batchDecide(question: Uint8Array): EngineAnswer;
  /** From a v1.BatchFollowRequest to a v1.BatchFollowResponse. */
  batchFollow(question: Uint8Array): EngineAnswer;
  /** A v1.ReportUsageRequest: what was answered since the last call. Empty: nothing was. */
  takeUsage(): Uint8Array;
  /** Frees its memory; nothing may be asked any more. A second time is no error. */
  close(): void;
}

/** The engine cannot be used, or refuses a policy. */
export class EngineError extends FingerpostError {
  override readonly name = "EngineError";

  constructor(
    code: string,
    detail: string,
    reason = "",
    violations: readonly Violation[] = [],
    /** The module is of no use any more: instantiate it anew. */
    readonly broken = false,
  ) {
    super(code, detail, reason, violations);
  }
}

// fingerpost.h: a pointer is a number, and `length` is where the length of what was written is written.
type Call = (question: number, size: number, answer: number, capacity: number, length: number) => number;
type Ask = (policy: number, ...of: Parameters<Call>) => number;
interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize?(): void;
  fingerpost_alloc(size: number): number;
  fingerpost_free(at: number): void;
  fingerpost_abi(): number;
  fingerpost_version(): number;
  fingerpost_open(octets: number, size: number, version: number, policy: number, error: number, capacity: number, length: number): number;
  fingerpost_open_text(text: number, size: number, policy: number, error: number, capacity: number, length: number): number;
  fingerpost_policy_version(policy: number): number;
  fingerpost_close(policy: number): void;
  /** Why it trapped: the words of what was thrown. The one function that may be called then. */
  fingerpost_fault?(): number;
  fingerpost_take_usage(policy: number, usage: number, capacity: number, length: number): number;
  readonly fingerpost_decide: Ask;
  readonly fingerpost_follow: Ask;
  readonly fingerpost_batch_decide: Ask;
  readonly fingerpost_batch_follow: Ask;
}

const ASKS = ["decide", "follow", "batch_decide", "batch_follow"];
const NAMES = ["version", "alloc", "free", "open", "open_text", "policy_version", "close", "take_usage", ...ASKS].map((name) => `fingerpost_${name}`);
const [OK, ERROR, TOO_SMALL] = [0, 1, 2];
// Nearly every question and answer fits; a larger one gets more room, which stays.
const ROOM = 8192;

/** An instance of the module: one is enough, for JavaScript calls it once at a time. After a broken one, open the policy again in a new one. */
export class Engine {
  readonly abi = ABI;
  /** Of the service that answers the same: `0.1.0`. */
  readonly version: string;
  readonly #running: Running;

  /** Throws EngineError for a module that is not Fingerpost's, or of another ABI. */
  static instantiate(module: WebAssembly.Module): Engine {
    return new Engine(new Running(module));
  }

  private constructor(running: Running) {
    this.#running = running;
    this.version = running.text(running.exports.fingerpost_version());
  }

  /**
   * A policy from the octets of a v1.Policy, as the service hands it out. `version`: what its answers say as policy_version; default: the one that the
   * octets name, otherwise a hash of them. Throws EngineError with the members of the v1.Error.
   */
  open(octets: Uint8Array, version = ""): EnginePolicy {
    if (!/^[!-~]{0,64}$/.test(version)) throw new EngineError("INVALID_ARGUMENT", "version: expected 1 to 64 visible ASCII characters", "INVALID_FIELDS");
    const { handleAt, exports } = this.#running;
    const name = new TextEncoder().encode(version && `${version}\0`);
    const both = new Uint8Array(octets.length + name.length);
    both.set(octets);
    both.set(name, octets.length);
    return this.#opened(both, (at, _, error, capacity, length) =>
      exports.fingerpost_open(at, octets.length, version ? at + octets.length : 0, handleAt, error, capacity, length),
    );
  }

  /** A policy from a document. Throws EngineError with the members of the v1.Error: a violation for each problem; after one for text that is no YAML at all, the module is broken. */
  openText(text: string): EnginePolicy {
    const { handleAt, exports } = this.#running;
    try {
      return this.#opened(new TextEncoder().encode(text), (at, size, error, capacity, length) =>
        exports.fingerpost_open_text(at, size, handleAt, error, capacity, length),
      );
    } catch (error) {
      // What reads text throws when it is no YAML, and the module does not survive that. Memory that runs out is another fault.
      if (!(error instanceof EngineError) || !error.broken || error.detail.includes("bad_alloc")) throw error;
      const [, description = "it is no YAML"] = /yaml-cpp: error at (.*)/s.exec(error.detail) ?? [];
      throw new EngineError("INVALID_ARGUMENT", "the text cannot be read", "INVALID_FIELDS", [{ field: "", description }], true);
    }
  }

  #opened(octets: Uint8Array, open: Call): EnginePolicy {
    const answer = this.#running.ask(octets, open);
    if (!answer.ok) throw refused(answer.error);
    return new Opened(this.#running, this.#running.handle());
  }
}

class Opened implements EnginePolicy {
  readonly version: string;
  readonly #running: Running;
  #handle: number;

  constructor(running: Running, handle: number) {
    this.#running = running;
    this.#handle = handle;
    this.version = running.text(running.exports.fingerpost_policy_version(handle));
  }

  decide(question: Uint8Array): EngineAnswer {
    return this.#ask(this.#running.exports.fingerpost_decide, question);
  }

  follow(question: Uint8Array): EngineAnswer {
    return this.#ask(this.#running.exports.fingerpost_follow, question);
  }

  batchDecide(question: Uint8Array): EngineAnswer {
    return this.#ask(this.#running.exports.fingerpost_batch_decide, question);
  }

  batchFollow(question: Uint8Array): EngineAnswer {
    return this.#ask(this.#running.exports.fingerpost_batch_follow, question);
  }

  takeUsage(): Uint8Array {
    const take: Ask = (policy, _, __, usage, capacity, length) => this.#running.exports.fingerpost_take_usage(policy, usage, capacity, length);
    const usage = this.#ask(take, NOTHING);
    if (!usage.ok) throw refused(usage.error);
    return usage.octets;
  }

  close(): void {
    if (this.#handle !== 0) this.#running.close(this.#handle);
    this.#handle = 0;
  }

  #ask(ask: Ask, question: Uint8Array): EngineAnswer {
    const handle = this.#handle;
    if (handle === 0) throw new EngineError("FAILED_PRECONDITION", "the policy is closed");
    return this.#running.ask(question, (at, size, answer, capacity, length) => ask(handle, at, size, answer, capacity, length));
  }
}

const NOTHING = new Uint8Array();

/** A part of the module's memory. */
interface Room {
  readonly at: number;
  readonly capacity: number;
}

// An instance, its memory, and the two rooms through which all questions and answers go.
class Running {
  readonly exports: Exports;
  /** Where a policy's handle is written; the length of an answer is written behind it. */
  readonly handleAt: number;
  #octets = NOTHING;
  #words = new DataView(new ArrayBuffer(0));
  #question: Room;
  #answer: Room;
  #broken = "";

  constructor(module: WebAssembly.Module) {
    this.exports = started(module);
    this.handleAt = this.#room(8).at;
    this.#question = this.#room(ROOM);
    this.#answer = this.#room(ROOM);
  }

  ask(question: Uint8Array, call: Call): EngineAnswer {
    if (this.#broken) throw broken(this.#broken);
    if (question.length > this.#question.capacity) this.#question = this.#larger(this.#question, question.length);
    this.#look();
    this.#octets.set(question, this.#question.at);
    for (;;) {
      const { at, capacity } = this.#answer;
      const status = this.#called(() => call(this.#question.at, question.length, at, capacity, this.handleAt + 4));
      this.#look();
      const size = this.#words.getUint32(this.handleAt + 4, true);
      if (status === OK) return { ok: true, octets: this.#octets.slice(at, at + size) };
      if (status === ERROR) return { ok: false, error: this.#octets.slice(at, at + size) };
      // Nothing was done; the same question has the same answer.
      if (status !== TOO_SMALL || size <= capacity) throw this.#fault(`it returned ${status}`);
      this.#answer = this.#larger(this.#answer, size);
    }
  }

  handle(): number {
    return this.#words.getUint32(this.handleAt, true);
  }

  text(at: number): string {
    this.#look();
    return new TextDecoder().decode(this.#octets.subarray(at, this.#octets.indexOf(0, at)));
  }

  close(handle: number): void {
    if (!this.#broken) this.#called(() => this.exports.fingerpost_close(handle));
  }

  #room(size: number): Room {
    const at = this.#called(() => this.exports.fingerpost_alloc(size)) >>> 0; // WebAssembly has signed numbers.
    if (at === 0) throw new EngineError("RESOURCE_EXHAUSTED", `the engine has no memory for ${size} octets`, "OVERLOADED");
    return { at, capacity: size };
  }

  #larger(old: Room, needed: number): Room {
    const room = this.#room(2 ** Math.ceil(Math.log2(needed)));
    this.#called(() => this.exports.fingerpost_free(old.at));
    return room;
  }

  #called<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      const { fingerpost_fault: fault } = this.exports;
      throw this.#fault((fault && this.text(fault())) || (error as Error).message);
    }
  }

  // After a trap nobody knows what is in the memory.
  #fault(what: string): EngineError {
    this.#broken = `the engine failed: ${what}`;
    return broken(this.#broken);
  }

  // Memory that has grown is another buffer.
  #look(): void {
    const { buffer } = this.exports.memory;
    if (this.#octets.buffer === buffer) return;
    this.#octets = new Uint8Array(buffer);
    this.#words = new DataView(buffer);
  }
}

function started(module: WebAssembly.Module): Exports {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  if (!exported.has("fingerpost_abi") || !exported.has("memory")) throw unusable("the module is not Fingerpost's");
  let exports: Exports;
  try {
    exports = new WebAssembly.Instance(
      module,
      imports(module, () => exports.memory.buffer),
    ).exports as unknown as Exports;
    exports._initialize?.();
  } catch (error) {
    throw unusable(`the module does not start: ${(error as Error).message}`);
  }
  const abi = exports.fingerpost_abi();
  if (abi !== ABI) throw unusable(`the module has ABI ${abi}, and this package is for ${ABI}: install the package anew, with its own module`);
  const missing = NAMES.find((name) => !exported.has(name));
  if (missing) throw unusable(`the module has no ${missing}`);
  return exports;
}

const WASI = "wasi_snapshot_preview1";
// WASI's errno.
const [SUCCESS, ENOSYS] = [0, 52];

// The few functions of WASI that the module's C library imports. The engine needs none of them: it has no files, no clock and no chance.
function imports(module: WebAssembly.Module, buffer: () => ArrayBufferLike): WebAssembly.Imports {
  const numbers = () => new DataView(buffer());
  const nothing = (count: number, size: number): number => (numbers().setUint32(count, 0, true), numbers().setUint32(size, 0, true), SUCCESS);
  const known: Record<string, (...words: never[]) => number> = {
    args_sizes_get: nothing,
    args_get: () => SUCCESS,
    environ_sizes_get: nothing,
    environ_get: () => SUCCESS,
    // protobuf's complaints about text that is not UTF-8; the answer names the field.
    fd_write(_fd: number, parts: number, count: number, written: number): number {
      let size = 0;
      for (let i = 0; i < count; i += 1) size += numbers().getUint32(parts + 8 * i + 4, true);
      numbers().setUint32(written, size, true);
      return SUCCESS;
    },
    clock_time_get: (_clock: number, _precision: bigint, at: number) => (numbers().setBigUint64(at, 0n, true), SUCCESS),
    // Seeds of hash tables, which hold names of the policy and none of a visitor's.
    random_get: (at: number, size: number) => (new Uint8Array(buffer(), at, size).fill(7), SUCCESS),
    proc_exit(status: number): never {
      throw new Error(`it ended with status ${status}`);
    },
  };
  const functions: Record<string, WebAssembly.ImportValue> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (from !== WASI || kind !== "function") throw new Error(`it needs ${from}.${name}`);
    functions[name] = known[name] ?? (() => ENOSYS);
  }
  return { [WASI]: functions };
}

const unusable = (detail: string): EngineError => new EngineError("UNIMPLEMENTED", detail);
const broken = (detail: string): EngineError => new EngineError("INTERNAL", detail, "INVARIANT_BROKEN", [], true);

function refused(octets: Uint8Array): EngineError {
  const { code, message, reason, violations } = fromBinary(ErrorSchema, octets);
  const plain = violations.map(({ field, description }) => ({ field, description }));
  return new EngineError(code, message, nameOf(ErrorReasonSchema, reason), plain);
}
