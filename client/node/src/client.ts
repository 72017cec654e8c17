// The client.
import type { ServiceError } from "@grpc/grpc-js";

import { decisionOf, hopOf, type Decision, type Hop } from "./answers.js";
import { Breaker } from "./breaker.js";
import { FingerpostError } from "./errors.js";
import * as fallback from "./fallback.js";
import { DecideRequestSchema } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema } from "./gen/fingerpost/v1/follow_pb.js";
import { message, type DecideQuestion, type FollowQuestion } from "./questions.js";
import { RedirectServiceClient, type Stub } from "./stub.js";
import { channelOptions, target, Transport } from "./transport.js";

/** Milliseconds, over all attempts: a web request waits for this. */
export const DECIDE_TIMEOUT_MS = 100;
/** Milliseconds, over all attempts. */
export const FOLLOW_TIMEOUT_MS = 250;

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

type Unary<I, O> = (
  request: I, options: { deadline: number }, done: (error: ServiceError | null, answer?: O) => void,
) => unknown;

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
    this.#timeoutMs = timeoutMs;
    this.#raises = onError === "raise";
    this.stub = new RedirectServiceClient(target(address), transport.credentials, channelOptions(transport));
  }

  async decide(question: DecideQuestion, { timeoutMs = this.#timeoutMs ?? DECIDE_TIMEOUT_MS }: CallOptions = {}): Promise<Decision> {
    const request = message(DecideRequestSchema, question);
    try {
      return await this.#ask(request, this.stub.decide.bind(this.stub), timeoutMs, decisionOf);
    } catch (error) {
      return fallback.decide(request, this.#failure(error));
    }
  }

  async follow(question: FollowQuestion, { timeoutMs = this.#timeoutMs ?? FOLLOW_TIMEOUT_MS }: CallOptions = {}): Promise<Hop> {
    const request = message(FollowRequestSchema, question);
    try {
      return await this.#ask(request, this.stub.follow.bind(this.stub), timeoutMs, hopOf);
    } catch (error) {
      return fallback.follow(request.chain, this.#failure(error));
    }
  }

  /** Ends the channel. A second time is no error. */
  close(): void {
    if (!this.#closed) this.stub.close();
    this.#closed = true;
  }

  async #ask<I, O, T>(request: I, call: Unary<I, O>, timeoutMs: number, checked: (answer: O) => T): Promise<T> {
    if (this.#closed) throw new TypeError("the client is closed");
    if (!this.#breaker.allows()) {
      throw new FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    const answer = await new Promise<O>((resolve, reject) => {
      call(request, { deadline: Date.now() + timeoutMs }, (error, value) => (error ? reject(FingerpostError.of(error)) : resolve(value as O)));
    });
    const found = checked(answer);
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
