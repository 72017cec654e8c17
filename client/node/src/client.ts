// The client.
import type { ServiceError } from "@grpc/grpc-js";

import { decisionOf, hopOf, type Decision, type Hop } from "./answers.js";
import { Breaker } from "./breaker.js";
import { FingerpostError } from "./errors.js";
import * as fallback from "./fallback.js";
import { DecideRequestSchema, type DecideRequest, type DecideResponse } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import { message, type DecideQuestion, type FollowQuestion } from "./questions.js";
import { putBack, withheld } from "./secrets.js";
import { RedirectServiceClient, type Stub } from "./stub.js";
import { channelOptions, target, Transport } from "./transport.js";

/** Milliseconds, over all attempts: a web request waits for this. */
export const DECIDE_TIMEOUT_MS = 100;
/** Milliseconds, over all attempts. */
export const FOLLOW_TIMEOUT_MS = 250;
// What is longer a timer of Node.js takes for none at all, and gRPC for no deadline.
const LONGEST_TIMEOUT_MS = 24 * 24 * 3_600_000;

export interface ClientOptions {
  /** What happens when the service does not answer (client/README.md). Default: `"fallback"`. */
  readonly onError?: "fallback" | "raise";
  /** Milliseconds, over all attempts, of calls that say nothing else. Default: 100 for decide, 250 for follow. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** Milliseconds, over all attempts. */
  readonly timeoutMs?: number;
}

/** What the adapters need: a Client, or a fake. */
export interface Asking {
  /** What to send. Rejects with FingerpostError. */
  decide(question: DecideQuestion, options?: CallOptions): Promise<Decision>;
  /** What to request next. Rejects with FingerpostError. */
  follow(question: FollowQuestion, options?: CallOptions): Promise<Hop>;
}

interface Questions {
  decide: { request: DecideRequest; answer: DecideResponse };
  follow: { request: FollowRequest; answer: FollowResponse };
}
type Unary<I, O> = (request: I, options: { deadline: number }, done: (error: ServiceError | null, answer?: O) => void) => unknown;

/**
 * Asks a Fingerpost service. One for each process; it connects with the first call.
 *
 *     const client = new Client("127.0.0.1:50051", plaintext());
 */
export class Client implements Asking {
  /** The generated stub, for the RPCs that have no method here. */
  readonly stub: Stub;
  readonly #raises: boolean;
  readonly #timeoutMs: number | undefined;
  readonly #breaker = new Breaker();
  #closed = false;

  constructor(address: string, transport: Transport, { onError = "fallback", timeoutMs }: ClientOptions = {}) {
    if (!(transport instanceof Transport)) throw new TypeError("transport: choose tls() or plaintext()");
    if (onError !== "fallback" && onError !== "raise") throw new TypeError('onError: "fallback" or "raise"');
    this.#timeoutMs = timeoutMs === undefined ? undefined : checkedTimeout(timeoutMs);
    this.#raises = onError === "raise";
    this.stub = new RedirectServiceClient(target(address), transport.credentials, channelOptions(transport));
  }

  async decide(question: DecideQuestion, { timeoutMs = this.#timeoutMs ?? DECIDE_TIMEOUT_MS }: CallOptions = {}): Promise<Decision> {
    const request = message(DecideRequestSchema, question);
    try {
      return await this.#ask(decisionOf, "decide", request, timeoutMs);
    } catch (error) {
      return fallback.decide(request, this.#failure(error));
    }
  }

  async follow(question: FollowQuestion, { timeoutMs = this.#timeoutMs ?? FOLLOW_TIMEOUT_MS }: CallOptions = {}): Promise<Hop> {
    const request = message(FollowRequestSchema, question);
    try {
      return await this.#ask((answer: FollowResponse) => (putBack(request, answer), hopOf(answer)), "follow", withheld(request), timeoutMs);
    } catch (error) {
      return fallback.follow(request.chain, this.#failure(error));
    }
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
      stub(request, { deadline: Date.now() + timeoutMs }, (error, answer) => (error ? reject(FingerpostError.of(error)) : resolve(answer!)));
    });
  }

  async #ask<M extends keyof Questions, T>(
    checked: (answer: Questions[M]["answer"]) => T, method: M, request: Questions[M]["request"], timeoutMs: number,
  ): Promise<T> {
    const waits = checkedTimeout(timeoutMs);
    if (this.#closed) throw new TypeError("the client is closed");
    if (!this.#breaker.allows()) {
      throw new FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    const found = checked(await this.call(method, request, waits));
    this.#breaker.answered();
    return found;
  }

  // The error to fall back from; throws where there is no falling back.
  #failure(error: unknown): FingerpostError {
    if (!(error instanceof FingerpostError)) throw error;
    if (error.answered || error.code === "MALFORMED") this.#breaker.answered();
    else if (error.code !== "BREAKER_OPEN") this.#breaker.failed();
    if (error.answered || this.#raises) throw error;
    return error;
  }
}

// NaN would end the process: gRPC throws at it where nobody can catch.
function checkedTimeout(timeoutMs: number): number {
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) throw new TypeError("timeoutMs: a number of milliseconds");
  return Math.min(timeoutMs, LONGEST_TIMEOUT_MS);
}
