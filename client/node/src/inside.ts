// Answers inside this process: the engine with the last good policy, and with an empty one where there is none.
import { fromBinary } from "@bufbuild/protobuf";

import { octetsOf } from "./encode.js";
import { Engine, EngineError, type EngineAnswer, type EnginePolicy } from "./engine.js";
import { errorOf, malformed } from "./errors.js";
import { ErrorSchema } from "./gen/fingerpost/v1/answer_pb.js";
import { DecideRequestSchema } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { DecideQuestion } from "./questions.js";
import { withheld } from "./secrets.js";

// Usage of policies that no longer answer, until it is taken.
const MOST_LEFT = 8;
// Milliseconds between two new beginnings: what broke the engine may come again.
const AGAIN_MS = 1_000;

export class Inside {
  readonly #module: WebAssembly.Module;
  #engine: Engine;
  #againAt = -Infinity;
  #policy: EnginePolicy | undefined;
  #empty: EnginePolicy | undefined;
  /** What #policy was opened from. */
  #source: Uint8Array | string | undefined;
  #left: Uint8Array[] = [];

  /** Throws EngineError for a module that is not the engine's. */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#engine = Engine.instantiate(module);
  }

  /** Of the policy that answers; empty without one. */
  get version(): string {
    return this.#policy?.version ?? "";
  }

  get hasPolicy(): boolean {
    return this.#policy !== undefined;
  }

  /** From now on the policy in these octets (v1.Policy), or of this document, answers. Throws EngineError; the policy before goes on then. */
  open(source: Uint8Array | string): void {
    const next = this.#safely(() => opened(this.#engine, source));
    const last = this.#policy;
    if (last) this.#safely(() => (this.#keep(last), last.close()));
    [this.#policy, this.#source] = [next, source];
  }

  /** What the policy says, or without one an empty policy: the octets of a v1.DecideResponse. Throws FingerpostError. */
  decide(question: DecideQuestion): Uint8Array {
    const octets = octetsOf(DecideRequestSchema, question);
    return told(this.#safely(() => (this.#policy ?? this.#bare()).decide(octets)));
  }

  /** What an empty policy says. Throws FingerpostError. */
  decideWithoutPolicy(question: DecideQuestion): Uint8Array {
    const octets = octetsOf(DecideRequestSchema, question);
    return told(this.#safely(() => this.#bare().decide(octets)));
  }

  /** Asked as the service would be, without the values of secrets: a chain, which may travel later, has none in it. Throws FingerpostError. */
  follow(question: FollowRequest): FollowResponse {
    const octets = octetsOf(FollowRequestSchema, withheld(question));
    const answer = told(this.#safely(() => (this.#policy ?? this.#bare()).follow(octets)));
    try {
      return fromBinary(FollowResponseSchema, answer);
    } catch {
      throw malformed("it is no message");
    }
  }

  /** v1.ReportUsageRequests: what was answered since the last call. */
  takeUsage(): Uint8Array[] {
    if (this.#policy) this.#safely(() => this.#keep(this.#policy!));
    const taken = this.#left;
    this.#left = [];
    return taken;
  }

  close(): void {
    this.#policy?.close();
    this.#empty?.close();
    this.#policy = this.#empty = this.#source = undefined;
  }

  #bare(): EnginePolicy {
    return (this.#empty ??= this.#engine.open(NOTHING));
  }

  #keep(policy: EnginePolicy): void {
    const usage = policy.takeUsage();
    if (usage.length > 0) this.#left = [...this.#left, usage].slice(-MOST_LEFT);
  }

  // After a trap the module is instantiated anew, with the same policy; what broke it has an error.
  #safely<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (error instanceof EngineError && error.broken && performance.now() >= this.#againAt) this.#again();
      throw error;
    }
  }

  #again(): void {
    this.#againAt = performance.now() + AGAIN_MS;
    this.#policy = this.#empty = undefined;
    this.#engine = Engine.instantiate(this.#module);
    if (this.#source !== undefined) this.#policy = opened(this.#engine, this.#source);
  }
}

const NOTHING = new Uint8Array();

const opened = (engine: Engine, source: Uint8Array | string): EnginePolicy => (typeof source === "string" ? engine.openText(source) : engine.open(source));

function told(answer: EngineAnswer): Uint8Array {
  if (answer.ok) return answer.octets;
  throw errorOf(fromBinary(ErrorSchema, answer.error));
}
