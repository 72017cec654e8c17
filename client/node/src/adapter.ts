// What the framework adapters share: questions from requests, and responses from answers.
import type { Decision } from "./answers.js";
import type { Asking } from "./asking.js";
import { FingerpostError } from "./errors.js";
import type { IntentJson } from "./gen/fingerpost/v1/intent_pb.js";
import { SparingLog, oneLine, type Logger } from "./log.js";
import { NotSent, failed, refused } from "./notsent.js";
import type { DecideQuestion, Loose, Purpose } from "./questions.js";
import { contradiction, isBelow, isUnruled, requestOf, type Seen } from "./seen.js";

/** Members of Intent except purpose and target, with `flash` as a text. */
export type Modifiers = Omit<Loose<IntentJson>, "purpose" | "target" | "flash"> & {
  readonly flash?: string;
  /** Values of the target's `{placeholders}`. */
  readonly parameters?: Readonly<Record<string, string>>;
};

/** Modifiers of `back`, and where the visitor goes if `next` is missing or unsafe. Default: `"/"`. */
export type BackOptions = Omit<Modifiers, "trust" | "unsafeTarget" | "unsafe_target" | "fallbackTarget" | "fallback_target"> & { readonly or?: string | URL };

export interface AdapterOptions {
  /** Request fields that the policy's rules look at. */
  readonly fields?: readonly string[];
  /** Paths that the policy's rules never see, with everything below them: `["/healthz"]`. */
  readonly exempt?: readonly string[];
}

/** What a caller wants: an intent, an intent's name in the policy, or, with neither, what the policy's rules say. */
export interface Wish {
  readonly purpose?: Purpose;
  readonly target?: string | URL;
  readonly intentName?: string;
  readonly modifiers?: Modifiers;
}

/** What the adapters have in common. Each adds its framework's way to read a request and write a response. */
export class Adapter {
  readonly #client: Asking;
  readonly #fields: readonly string[];
  readonly #exempt: readonly string[];
  readonly #contradictions = new SparingLog();

  constructor(client: Asking, { fields = [], exempt = [] }: AdapterOptions = {}) {
    const wrong = exempt.find((path) => !path.startsWith("/"));
    if (wrong !== undefined) throw new TypeError(`exempt: expected paths that begin with "/", got ${JSON.stringify(wrong)}`);
    this.#client = client;
    this.#fields = fields;
    this.#exempt = exempt;
    void client.ready?.(0); // It connects while the application starts.
  }

  /** @internal The decision, whatever it is. Rejects with FingerpostError. */
  protected decided(seen: Seen, wish: Wish, log?: Logger): Promise<Decision> {
    const said = contradiction(seen);
    if (said) {
      this.#contradictions.warn(
        this.#log(log),
        `X-Forwarded-Proto is ${said}, but the request's URL is ${seen.url.split(":", 1)[0]}: does the application trust its proxy?`,
      );
    }
    return this.#client.decide(question(seen, this.#fields, wish), log && { logger: log });
  }

  /** @internal The response to an intent. Rejects with NotSent, and logs the reason. */
  protected async answer(seen: Seen, wish: Wish, log?: Logger): Promise<Decision> {
    try {
      const decision = await this.decided(seen, wish, log);
      if (decision.mustSend) return decision;
      throw refused(decision);
    } catch (error) {
      throw this.#told(error, seen, log);
    }
  }

  /** @internal The way back to `next` if that is safe, otherwise to `or`. */
  protected async wayBack(seen: Seen, next: unknown, { or = "/", ...rest }: BackOptions, log?: Logger): Promise<Decision> {
    if (typeof next === "string" && next !== "") {
      // A visitor chose it, so it must be safe whatever the policy says about unsafe targets.
      const modifiers: Modifiers = { ...rest, trust: "end_user", unsafeTarget: "refuse" };
      try {
        const decision = await this.decided(seen, { purpose: "form_result", target: next, modifiers }, log);
        if (decision.mustSend) return decision;
      } catch (error) {
        if (!(error instanceof FingerpostError)) throw error;
      }
    }
    return this.answer(seen, { purpose: "form_result", target: or, modifiers: { ...rest, trust: "caller" } }, log);
  }

  /** @internal The policy's answer to a request with a known URL. If it is no response, it has the fields for the page. */
  protected async ruled(seen: Seen, log?: Logger): Promise<Decision | undefined> {
    if (seen.url === "" || isUnruled(seen) || isBelow(seen.url, this.#exempt)) return undefined;
    try {
      return await this.decided(seen, {}, log);
    } catch (error) {
      // The application answers a request that the service finds wrong. All other errors are an outage, which fails closed.
      if (error instanceof FingerpostError && error.code === "INVALID_ARGUMENT") return undefined;
      throw this.#told(error, seen, log);
    }
  }

  #log(log: Logger | undefined): Logger {
    return log ?? this.#client.logger ?? console;
  }

  // The client logs an outage.
  #told(error: unknown, seen: Seen, log: Logger | undefined): unknown {
    const told = error instanceof FingerpostError && !(error instanceof NotSent) ? failed(error) : error;
    if (told instanceof NotSent && told.status !== 503) {
      this.#log(log).warn(oneLine(`fingerpost: ${told.status} for ${seen.method} ${seen.url.split(/[?#]/, 1)[0]}: ${why(told)}`));
    }
    return told;
  }
}

const why = ({ code, reason, detail, violations }: FingerpostError): string =>
  [code, reason, violations.map((v) => `${v.field}: ${v.description}`).join("; ") || detail].filter(Boolean).join(": ");

// The question.
function question(seen: Seen, extraFields: readonly string[], { purpose, target, intentName, modifiers = {} }: Wish): DecideQuestion {
  const { flash, parameters, ...rest } = modifiers;
  return {
    request: requestOf(seen, extraFields),
    ...(purpose && { intent: { ...rest, purpose, ...(target && { target }), ...(flash && { flash: { text: flash } }) } }),
    ...(intentName && { intentName }),
    ...(parameters && { parameters }),
  };
}
