// The client of the web entry: the engine in this process answers, with the policy that the service hands out by HTTP.
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";

import { decisionOf, type Decision, type Hop } from "../answers.js";
import type { Asking, CallOptions } from "../asking.js";
import { Breaker } from "../breaker.js";
import { FingerpostError } from "../errors.js";
import { DecideRequestSchema, DecideResponseSchema } from "../gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema, type FollowRequest } from "../gen/fingerpost/v1/follow_pb.js";
import type { PolicyStatus } from "../held.js";
import { Inside } from "../inside.js";
import { oneLine, SparingLog, type Logger } from "../log.js";
import { decided, followed, hop } from "../outage.js";
import { message, type DecideQuestion, type FollowQuestion } from "../questions.js";
import { withheld } from "../secrets.js";
import { Http, type Selector } from "./http.js";
import { packagedModule } from "./module.js";
import { Policy } from "./policy.js";

/** Milliseconds: a web request waits for this when the service is asked. */
export const DECIDE_TIMEOUT_MS = 100;
export const FOLLOW_TIMEOUT_MS = 250;
/** Milliseconds that the first requests wait for the policy. */
export const CONNECT_TIMEOUT_MS = 1_000;
// Timers take no longer.
const LONGEST_TIMEOUT_MS = 24 * 24 * 3_600_000;

export interface ClientOptions {
  /**
   * Who answers. `"auto"`: the engine in this process; the service for what the engine leaves to it, and while there is no policy. `"local"`: the engine
   * alone. `"remote"`: the service, by HTTP/JSON. Default: `"auto"`.
   */
  readonly engine?: "auto" | "local" | "remote";
  /** The engine's module, where code cannot compile it at run time: `import module from "fingerpost/engine.wasm"`. Default: the package's own file. */
  readonly module?: WebAssembly.Module | Promise<WebAssembly.Module>;
  /** The part of the policy that this process needs. Default: all. */
  readonly selector?: Selector;
  /** How the service is reached. Default: the global `fetch`. A service binding's, or one with a client certificate. */
  readonly fetch?: typeof globalThis.fetch;
  /** Keeps a worker or an edge function alive until work in the background is done, as `waitUntil` of `cloudflare:workers`. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Milliseconds between two looks at the policy, 100 or more. Default: 5000. */
  readonly refreshMs?: number;
  /** What happens when nobody answers (client/README.md). Default: `"fallback"`. */
  readonly onError?: "fallback" | "raise";
  /** Milliseconds for a question to the service. Default: 100 for decide, 250 for follow. */
  readonly timeoutMs?: number;
  /** Milliseconds that the first requests wait for the policy. Default: 1000. */
  readonly connectTimeoutMs?: number;
  /** Gets a line, at most every 10 seconds, while the service does not answer. Default: `console`. */
  readonly logger?: Logger;
  /** Called with the error behind every answer whose `source` is FALLBACK, for counting. */
  readonly onFallback?: (error: FingerpostError) => void;
}

/** One kind of question, and what becomes of it. */
interface Kind<I extends DescMessage, O extends DescMessage, T> {
  readonly path: "decide" | "follow";
  readonly input: I;
  readonly output: O;
  readonly usualMs: number;
  here(inside: Inside, question: unknown): T;
  /** As it travels. */
  sent(request: MessageShape<I>): MessageShape<I>;
  checked(request: MessageShape<I>, answer: MessageShape<O>): T;
  /** Without an answer. */
  instead(request: MessageShape<I>, error: FingerpostError, inside: Inside | undefined): T;
}

const DECIDE: Kind<typeof DecideRequestSchema, typeof DecideResponseSchema, Decision> = {
  path: "decide",
  input: DecideRequestSchema,
  output: DecideResponseSchema,
  usualMs: DECIDE_TIMEOUT_MS,
  here: (inside, question) => decisionOf(inside.decide(question as DecideQuestion), "ENGINE"),
  sent: (request) => request,
  checked: (_, answer) => decisionOf(answer),
  instead: decided,
};
const FOLLOW: Kind<typeof FollowRequestSchema, typeof FollowResponseSchema, Hop> = {
  path: "follow",
  input: FollowRequestSchema,
  output: FollowResponseSchema,
  usualMs: FOLLOW_TIMEOUT_MS,
  here: (inside, question) => hop(question as FollowRequest, inside.follow(question as FollowRequest), "ENGINE"),
  sent: withheld,
  checked: (request, answer) => hop(request, answer, "SERVICE"),
  instead: followed,
};

/**
 * Answers in this process, with the policy of the service at that address. One for each process; it makes no request before the first question.
 *
 *     const client = new Client("http://fingerpost:8080");
 */
export class Client implements Asking {
  readonly logger: Logger;
  readonly #engine: "auto" | "local" | "remote";
  readonly #raises: boolean;
  readonly #onFallback: ((error: FingerpostError) => void) | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #connectTimeoutMs: number;
  readonly #http: Http;
  readonly #policy: Policy;
  readonly #breaker = new Breaker();
  readonly #outages = new SparingLog();
  #closed = false;

  /** `address`: of fingerpostd's `--http-listen`, as a URL. Throws EngineError for a given `module` that is not the engine's if `engine` is `"local"`. */
  constructor(address: string | URL, options: ClientOptions = {}) {
    const { engine = "auto", module, selector = {}, onError = "fallback", logger = console, timeoutMs, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
    if (!["auto", "local", "remote"].includes(engine)) throw new TypeError('engine: "auto", "local" or "remote"');
    if (onError !== "fallback" && onError !== "raise") throw new TypeError('onError: "fallback" or "raise"');
    this.#engine = engine;
    this.#raises = onError === "raise";
    this.#timeoutMs = timeoutMs === undefined ? undefined : checkedTimeout(timeoutMs);
    this.#connectTimeoutMs = checkedTimeout(connectTimeoutMs, "connectTimeoutMs");
    this.#onFallback = options.onFallback;
    this.logger = logger;
    this.#http = new Http(address, selector, options.fetch);
    if (engine === "local" && module instanceof WebAssembly.Module) new Inside(module).close();
    this.#policy = new Policy(this.#http, async () => (module === undefined ? packagedModule() : module), {
      watches: engine !== "remote",
      selector,
      refreshMs: options.refreshMs,
      waitUntil: options.waitUntil,
      logger,
    });
  }

  /** What this process knows of the service's policy. */
  get policy(): PolicyStatus {
    return this.#policy.status;
  }

  /** Rejects with FingerpostError. */
  async decide(question: DecideQuestion, options: CallOptions = {}): Promise<Decision> {
    return this.#answered(DECIDE, question, options);
  }

  /** Rejects with FingerpostError. */
  async follow(question: FollowQuestion, options: CallOptions = {}): Promise<Hop> {
    return this.#answered(FOLLOW, message(FollowRequestSchema, question), options);
  }

  /** Fetches the policy, waits at most `timeoutMs` milliseconds, and says whether it is there. With `"remote"`: whether the service is. Default: 1000. 0: only says. */
  async ready(timeoutMs: number = CONNECT_TIMEOUT_MS): Promise<boolean> {
    const waits = checkedTimeout(timeoutMs);
    if (this.#closed) return false;
    if (this.#engine === "remote") return waits > 0 && this.#http.isReachable(waits);
    if (waits > 0) await this.#policy.tended(waits);
    return this.#policy.status.state !== "NONE";
  }

  /** Reports what was answered, and ends. A second time is no error. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#policy.close();
  }

  async #answered<I extends DescMessage, O extends DescMessage, T extends Decision | Hop>(
    kind: Kind<I, O, T>,
    question: unknown,
    options: CallOptions,
  ): Promise<T> {
    if (this.#closed) throw new TypeError("the client is closed");
    const { timeoutMs, logger = this.logger } = options;
    await this.#policy.tended(timeoutMs === undefined ? this.#connectTimeoutMs : checkedTimeout(timeoutMs));
    const { inside } = this.#policy;
    let failure = this.#engine === "remote" ? undefined : this.#unready(kind.path);
    if (inside && !failure && this.#engine !== "remote") {
      try {
        return kind.here(inside, question);
      } catch (error) {
        if (!isLeft(error)) throw error;
        failure = new FingerpostError("UNAVAILABLE", error.detail, error.reason);
      }
    }
    const request = message(kind.input, question);
    if (this.#engine !== "local") {
      try {
        return await this.#asked(kind, request, options);
      } catch (error) {
        if (!(error instanceof FingerpostError) || error.answered) throw error;
        failure = error;
      }
    }
    this.#outages.warn(logger, `no answer from the service: ${failure!.message}`);
    if (this.#raises) throw failure;
    return this.#told(kind.instead(request, failure!, inside), logger);
  }

  // Why the engine cannot be asked.
  #unready(path: "decide" | "follow"): FingerpostError | undefined {
    const { inside, unusable, status } = this.#policy;
    if (inside && (inside.hasPolicy || path === "follow")) return undefined;
    return unusable ?? new FingerpostError("UNAVAILABLE", `no policy yet: ${status.problems.join("; ") || "it is being fetched"}`);
  }

  async #asked<I extends DescMessage, O extends DescMessage, T>(
    kind: Kind<I, O, T>,
    request: MessageShape<I>,
    { timeoutMs = this.#timeoutMs ?? kind.usualMs }: CallOptions,
  ): Promise<T> {
    if (!this.#breaker.allows()) {
      throw new FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    try {
      const answer = await this.#http.ask(kind.path, kind.input, kind.output, kind.sent(request), checkedTimeout(timeoutMs));
      this.#breaker.answered();
      return kind.checked(request, answer);
    } catch (error) {
      if (error instanceof FingerpostError && (error.answered || error.code === "MALFORMED")) this.#breaker.answered();
      else this.#breaker.failed();
      throw error;
    }
  }

  // A hook that fails does not fail the request.
  #told<T extends Decision | Hop>(answer: T, logger: Logger): T {
    try {
      this.#onFallback?.(answer.error!);
    } catch (error) {
      logger.warn(oneLine(`fingerpost: onFallback failed: ${error}`));
    }
    return answer;
  }
}

// The engine leaves this question to the service, or has failed.
const isLeft = (error: unknown): error is FingerpostError => error instanceof FingerpostError && (error.reason === "NOT_IMPLEMENTED" || !error.answered);

function checkedTimeout(timeoutMs: number, name = "timeoutMs"): number {
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) throw new TypeError(`${name}: a number of milliseconds`);
  return Math.min(Math.max(timeoutMs, 0), LONGEST_TIMEOUT_MS);
}
