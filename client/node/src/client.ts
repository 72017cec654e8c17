// The client.
import type { ServiceError } from "@grpc/grpc-js";

import { decisionOf, hopOf, type Decision, type Hop } from "./answers.js";
import type { Asking, CallOptions } from "./asking.js";
import { Breaker } from "./breaker.js";
import { FingerpostError } from "./errors.js";
import { connecting } from "./connecting.js";
import * as fallback from "./fallback.js";
import { DecideRequestSchema, type DecideRequest, type DecideResponse } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import { oneLine, SparingLog, type Logger } from "./log.js";
import { message, type DecideQuestion, type FollowQuestion } from "./questions.js";
import { putBack, withheld } from "./secrets.js";
import { ofStatus } from "./status.js";
import { RedirectServiceClient, type Stub } from "./stub.js";
import { channelOptions, target, Transport } from "./transport.js";

/** Milliseconds, over all attempts: a web request waits for this. */
export const DECIDE_TIMEOUT_MS = 100;
/** Milliseconds, over all attempts. */
export const FOLLOW_TIMEOUT_MS = 250;
/** Milliseconds that the calls before the first connection wait for it, in addition to their own timeout. */
export const CONNECT_TIMEOUT_MS = 1_000;
// Node.js ignores a longer timer, and gRPC takes it for no deadline.
const LONGEST_TIMEOUT_MS = 24 * 24 * 3_600_000;

export interface ClientOptions {
  /** What happens when the service does not answer (client/README.md). Default: `"fallback"`. */
  readonly onError?: "fallback" | "raise";
  /** Milliseconds, over all attempts, for calls that set no timeout. Default: 100 for decide, 250 for follow. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds that calls without their own `timeoutMs` wait for the first connection, in addition to their timeout; a refused connection ends the wait.
   * Default: 1000. 0: no extra wait.
   */
  readonly connectTimeoutMs?: number;
  /** Gets a line, at most every 10 seconds, while the service does not answer. Default: `console`. */
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
 * Asks a Fingerpost service. One for each process; it connects with `ready()`, or with the first call.
 *
 *     const client = new Client("127.0.0.1:50051", plaintext());
 */
export class Client implements Asking {
  /** The generated stub, for the RPCs that have no method here. */
  readonly stub: Stub;
  readonly logger: Logger;
  readonly #raises: boolean;
  readonly #timeoutMs: number | undefined;
  readonly #connectTimeoutMs: number;
  readonly #onFallback: ((error: FingerpostError) => void) | undefined;
  readonly #breaker = new Breaker();
  readonly #outages = new SparingLog();
  #firstConnection: Promise<unknown> | undefined;
  #closed = false;

  constructor(address: string, transport: Transport, options: ClientOptions = {}) {
    const { onError = "fallback", timeoutMs, connectTimeoutMs = CONNECT_TIMEOUT_MS, logger = console, onFallback } = options;
    if (!(transport instanceof Transport)) throw new TypeError("transport: choose tls() or plaintext()");
    if (onError !== "fallback" && onError !== "raise") throw new TypeError('onError: "fallback" or "raise"');
    this.#timeoutMs = timeoutMs === undefined ? undefined : checkedTimeout(timeoutMs);
    this.#connectTimeoutMs = checkedTimeout(connectTimeoutMs, "connectTimeoutMs");
    this.#raises = onError === "raise";
    this.#onFallback = onFallback;
    this.logger = logger;
    this.stub = new RedirectServiceClient(target(address), transport.credentials, channelOptions(transport));
  }

  async decide(question: DecideQuestion, options: CallOptions = {}): Promise<Decision> {
    const request = message(DecideRequestSchema, question);
    try {
      return await this.#ask(decisionOf, "decide", request, DECIDE_TIMEOUT_MS, options);
    } catch (error) {
      return this.#fallenBack(fallback.decide(request, this.#failure(error, options)), options);
    }
  }

  async follow(question: FollowQuestion, options: CallOptions = {}): Promise<Hop> {
    const request = message(FollowRequestSchema, question);
    try {
      return await this.#ask((answer: FollowResponse) => (putBack(request, answer), hopOf(answer)), "follow", withheld(request), FOLLOW_TIMEOUT_MS, options);
    } catch (error) {
      return this.#fallenBack(fallback.follow(request.chain, this.#failure(error, options)), options);
    }
  }

  /** Connects, waits at most `timeoutMs` milliseconds, and says whether it is connected. Default: 1000. 0: does not wait. */
  async ready(timeoutMs: number = CONNECT_TIMEOUT_MS): Promise<boolean> {
    const waits = checkedTimeout(timeoutMs);
    return !this.#closed && connecting(this.stub.getChannel(), Date.now() + waits);
  }

  /** Ends the channel. A second time is no error. */
  close(): void {
    if (!this.#closed) this.stub.close();
    this.#closed = true;
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

  async #ask<M extends keyof Questions, T>(
    checked: (answer: Questions[M]["answer"]) => T,
    method: M,
    request: Questions[M]["request"],
    usualMs: number,
    { timeoutMs }: CallOptions,
  ): Promise<T> {
    const waits = checkedTimeout(timeoutMs === undefined ? (this.#timeoutMs ?? usualMs) : timeoutMs);
    if (this.#closed) throw new TypeError("the client is closed");
    if (!this.#breaker.allows()) {
      throw new FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    if (timeoutMs === undefined) await this.connected();
    const found = checked(await this.call(method, request, waits));
    this.#breaker.answered();
    return found;
  }

  // The error to fall back from; throws if there is no fallback.
  #failure(error: unknown, { logger = this.logger }: CallOptions): FingerpostError {
    if (!(error instanceof FingerpostError)) throw error;
    if (error.answered || error.code === "MALFORMED") this.#breaker.answered();
    else if (error.code !== "BREAKER_OPEN") this.#breaker.failed();
    if (error.answered) throw error;
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
}

// NaN would end the process: gRPC throws where nobody can catch.
function checkedTimeout(timeoutMs: number, name = "timeoutMs"): number {
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) throw new TypeError(`${name}: a number of milliseconds`);
  return Math.min(timeoutMs, LONGEST_TIMEOUT_MS);
}
