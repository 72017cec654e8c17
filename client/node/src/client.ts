// The client: answers inside the process by the service's policy, and asks the service where that cannot.
import { create } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";

import { decisionOf, type Decision, type Hop } from "./answers.js";
import type { Asking, CallOptions } from "./asking.js";
import { Breaker } from "./breaker.js";
import { connecting, within } from "./connecting.js";
import { Disk } from "./disk.js";
import { EngineError } from "./engine.js";
import { FingerpostError } from "./errors.js";
import { DecideRequestSchema, type DecideRequest, type DecideResponse } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import { PolicySelectorSchema } from "./gen/fingerpost/v1/policy_pb.js";
import { Held, type PolicyStatus } from "./held.js";
import type { Inside } from "./inside.js";
import { oneLine, SparingLog, type Logger } from "./log.js";
import { packagedEngine } from "./module.js";
import * as outage from "./outage.js";
import { message, type DecideQuestion, type FollowQuestion } from "./questions.js";
import { withheld } from "./secrets.js";
import { ofStatus } from "./status.js";
import { RedirectServiceClient, type Stub } from "./stub.js";
import { channelOptions, target, Transport } from "./transport.js";
import { Watcher } from "./watcher.js";

/** Milliseconds, over all attempts: a web request waits for this. */
export const DECIDE_TIMEOUT_MS = 100;
/** Milliseconds, over all attempts. */
export const FOLLOW_TIMEOUT_MS = 250;
/** Milliseconds that the calls before the first connection wait for it, in addition to their own timeout. */
export const CONNECT_TIMEOUT_MS = 1_000;
// Node.js ignores a longer timer, and gRPC takes it for no deadline.
const LONGEST_TIMEOUT_MS = 24 * 24 * 3_600_000;

/** The part of the policy that a process needs; for all else the service is asked. */
export interface Selector {
  /** Rules for requests to these hosts only: `["shop.example.com", "*.example.org"]`. At most 256. */
  readonly hosts?: readonly string[];
  /** These named intents only. At most 10000. */
  readonly intents?: readonly string[];
}

export interface ClientOptions {
  /**
   * Where an answer is made. `"auto"`: in this process, by the policy that the service hands out; the service is asked for what needs it, and while there
   * is no policy. `"local"`: never by the service. `"remote"`: always by the service. Default: `"auto"`.
   */
  readonly engine?: "auto" | "local" | "remote";
  /** The part of the policy that this process needs. Default: all of it. */
  readonly selector?: Selector;
  /** File in which the last good policy is kept, for a start without the service. Whoever may write it decides where visitors go. Default: none. */
  readonly policyFile?: string;
  /** What happens when the service does not answer (client/README.md). Default: `"fallback"`. */
  readonly onError?: "fallback" | "raise";
  /** Milliseconds, over all attempts, for calls of the service that set no timeout. Default: 100 for decide, 250 for follow. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds that calls without their own `timeoutMs` wait for the first connection, in addition to their timeout; a refused connection ends the wait.
   * Default: 1000. 0: no extra wait.
   */
  readonly connectTimeoutMs?: number;
  /** Gets a line, at most every 10 seconds, while the service does not answer, and one for each problem of the policy. Default: `console`. */
  readonly logger?: Logger;
  /** Called with the error behind every answer whose `source` is FALLBACK, for counting. */
  readonly onFallback?: (error: FingerpostError) => void;
}

interface Questions {
  decide: { request: DecideRequest; answer: DecideResponse };
  follow: { request: FollowRequest; answer: FollowResponse };
}
type Unary<I, O> = (request: I, options: { deadline: number }, done: (error: ServiceError | null, answer?: O) => void) => unknown;

/**
 * Answers for a Fingerpost service. One for each process; it connects with `ready()`, or with the first call.
 *
 *     const client = new Client("127.0.0.1:50051", plaintext());
 */
export class Client implements Asking {
  /** The generated stub, for the RPCs that have no method here. */
  readonly stub: Stub;
  readonly logger: Logger;
  readonly #engine: "auto" | "local" | "remote";
  readonly #held: Held;
  readonly #watch: () => Watcher;
  readonly #raises: boolean;
  readonly #timeoutMs: number | undefined;
  readonly #connectTimeoutMs: number;
  readonly #onFallback: ((error: FingerpostError) => void) | undefined;
  readonly #breaker = new Breaker();
  readonly #outages = new SparingLog();
  #watcher: Watcher | undefined;
  #firstConnection: Promise<unknown> | undefined;
  #closed = false;

  /** Throws TypeError for a wrong option, and with `engine: "local"` EngineError if the engine cannot be used. */
  constructor(address: string, transport: Transport, options: ClientOptions = {}) {
    const { onError = "fallback", timeoutMs, connectTimeoutMs = CONNECT_TIMEOUT_MS, logger = console, onFallback } = options;
    const { engine = "auto", selector = {}, policyFile } = options;
    if (!(transport instanceof Transport)) throw new TypeError("transport: choose tls() or plaintext()");
    if (!["fallback", "raise"].includes(onError)) throw new TypeError('onError: "fallback" or "raise"');
    if (!["auto", "local", "remote"].includes(engine)) throw new TypeError('engine: "auto", "local" or "remote"');
    this.#timeoutMs = timeoutMs === undefined ? undefined : checkedTimeout(timeoutMs);
    this.#connectTimeoutMs = checkedTimeout(connectTimeoutMs, "connectTimeoutMs");
    this.#raises = onError === "raise";
    this.#onFallback = onFallback;
    this.logger = logger;
    this.#engine = engine;
    const part = create(PolicySelectorSchema, { hosts: texts("hosts", selector.hosts), intents: texts("intents", selector.intents) });
    this.#held = new Held(packagedEngine, logger, part);
    if (engine === "local") this.#held.start();
    const disk = policyFile === undefined ? undefined : new Disk(policyFile);
    disk?.read(this.#held);
    this.#watch = () => new Watcher(address, transport, this.#held, part, disk);
    this.stub = new RedirectServiceClient(target(address), transport.credentials, channelOptions(transport));
  }

  /** The policy by which this process answers. */
  get policy(): PolicyStatus {
    return this.#held.status;
  }

  async decide(question: DecideQuestion, options: CallOptions = {}): Promise<Decision> {
    const waits = this.#waits(options, DECIDE_TIMEOUT_MS);
    try {
      const found = this.#answered((inside) => (inside.hasPolicy ? decisionOf(inside.decide(question), "ENGINE") : undefined));
      return found ?? (await this.#ask((answer: DecideResponse) => decisionOf(answer), "decide", message(DecideRequestSchema, question), waits, options));
    } catch (error) {
      const failure = this.#failure(error, options);
      return this.#fallenBack(outage.decided(message(DecideRequestSchema, question), failure, this.fallback), options);
    }
  }

  async follow(question: FollowQuestion, options: CallOptions = {}): Promise<Hop> {
    const request = message(FollowRequestSchema, question);
    const waits = this.#waits(options, FOLLOW_TIMEOUT_MS);
    try {
      const found = this.#answered((inside) => outage.hop(request, inside.follow(request), "ENGINE"));
      return found ?? (await this.#ask((answer: FollowResponse) => outage.hop(request, answer, "SERVICE"), "follow", withheld(request), waits, options));
    } catch (error) {
      return this.#fallenBack(outage.followed(request, this.#failure(error, options), this.fallback), options);
    }
  }

  /**
   * Connects, waits at most `timeoutMs` milliseconds for the policy and the connection, and says whether the client can answer as the service does: it is
   * connected, or with `engine: "local"` has the policy. Default: 1000. 0: does not wait.
   */
  async ready(timeoutMs: number = CONNECT_TIMEOUT_MS): Promise<boolean> {
    const until = Date.now() + checkedTimeout(timeoutMs);
    if (this.#closed) return false;
    this.inside();
    const connected = this.#engine === "local" ? undefined : connecting(this.stub.getChannel(), until);
    if (this.#watcher) await within(this.#watcher.heard, until - Date.now());
    return (connected ? await connected : this.policy.state === "READY") && !this.#closed;
  }

  /** Reports what was answered, within a second, and ends the connections. A second time is no error. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.stub.close();
    await this.#watcher?.end();
    this.#held.close();
  }

  /** @internal A fake answers otherwise. */
  protected call<M extends keyof Questions>(method: M, request: Questions[M]["request"], timeoutMs: number): Promise<Questions[M]["answer"]> {
    const stub = this.stub[method].bind(this.stub) as Unary<Questions[M]["request"], Questions[M]["answer"]>;
    return new Promise((resolve, reject) => {
      stub(request, { deadline: Date.now() + timeoutMs }, (error, answer) => (error ? reject(ofStatus(error)) : resolve(answer!)));
    });
  }

  /** @internal A fake has nothing to connect to. All calls before the first connection share one wait. */
  protected async connected(): Promise<void> {
    await (this.#firstConnection ??= connecting(this.stub.getChannel(), Date.now() + this.#connectTimeoutMs, true));
  }

  /** @internal The engine that answers, if one does. It begins to watch the policy. */
  protected inside(): Inside | undefined {
    const inside = this.#engine === "remote" ? undefined : this.#held.inside;
    if (inside && !this.#closed) this.#watcher ??= this.#watch();
    return inside;
  }

  /** @internal The engine that answers in an outage. */
  protected get fallback(): Inside | undefined {
    return this.#held.inside;
  }

  // This process's own answer. Undefined: the service is to be asked; where it never is, that is an outage.
  #answered<T>(answer: (inside: Inside) => T | undefined): T | undefined {
    if (this.#closed) throw new TypeError("the client is closed");
    const inside = this.inside();
    let why = "there is no policy yet";
    try {
      const found = inside && answer(inside);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isLeft(error)) throw error;
      why = error.message;
    }
    if (this.#engine === "local") throw new FingerpostError("UNAVAILABLE", why, "NOT_IMPLEMENTED");
    return undefined;
  }

  async #ask<M extends keyof Questions, T>(
    checked: (answer: Questions[M]["answer"]) => T,
    method: M,
    request: Questions[M]["request"],
    waits: number,
    { timeoutMs }: CallOptions,
  ): Promise<T> {
    if (!this.#breaker.allows()) {
      throw new FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    try {
      if (timeoutMs === undefined) await this.connected();
      const found = checked(await this.call(method, request, waits));
      this.#breaker.answered();
      return found;
    } catch (error) {
      if (error instanceof FingerpostError && (error.answered || error.code === "MALFORMED")) this.#breaker.answered();
      else this.#breaker.failed();
      throw error;
    }
  }

  // The error to fall back from; throws if there is no fallback.
  #failure(error: unknown, { logger = this.logger }: CallOptions): FingerpostError {
    if (!(error instanceof FingerpostError) || error.answered) throw error;
    this.#outages.warn(logger, `no answer from the service: ${error.message}`);
    if (this.#raises) throw error;
    return error;
  }

  // A hook that fails does not fail the request.
  #fallenBack<T extends Decision | Hop>(answer: T, { logger = this.logger }: CallOptions): T {
    try {
      this.#onFallback?.(answer.error!);
    } catch (error) {
      logger.warn(oneLine(`fingerpost: onFallback failed: ${error}`));
    }
    return answer;
  }

  #waits({ timeoutMs }: CallOptions, usualMs: number): number {
    return timeoutMs === undefined ? (this.#timeoutMs ?? usualMs) : checkedTimeout(timeoutMs);
  }
}

// Not about the question: the engine leaves it to the service, or has failed.
const isLeft = (error: unknown): error is FingerpostError =>
  error instanceof FingerpostError && (!error.answered || error.reason === "NOT_IMPLEMENTED" || error instanceof EngineError);

// NaN would end the process: gRPC throws where nobody can catch.
function checkedTimeout(timeoutMs: number, name = "timeoutMs"): number {
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) throw new TypeError(`${name}: a number of milliseconds`);
  return Math.min(timeoutMs, LONGEST_TIMEOUT_MS);
}

function texts(name: string, given: readonly string[] = []): string[] {
  if (!Array.isArray(given) || given.some((one) => typeof one !== "string")) throw new TypeError(`selector.${name}: a list of texts`);
  return [...(given as string[])];
}
