// The rejection of a helper that has no response to send: the framework's own error handler turns it into a response.
import type { Decision } from "./answers.js";
import { FingerpostError } from "./errors.js";

// What the visitor reads (RFC 9110 §15).
const PHRASES: Readonly<Record<number, string>> = { 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable" };

// A reconnect waits at most these 5 seconds.
const UNAVAILABLE = { "Retry-After": "5", "Cache-Control": "no-store" };

// Refusals that the application's own modifiers cause. The target causes all others, and a visitor may have chosen it.
const OWN_FAULTS = new Set(["PINNED_STATUS_CONTRADICTS", "FLASH_ON_PERMANENT"]);
// The parts of a question that hold a visitor's values.
const VISITORS_FIELDS = /^(?:request|parameters|intent\.(?:target|flash|response_?[pP]arameters|sticky_?[kK]ey))(?:$|[.[])/;

/**
 * There is no response to send. `status` and `headers` are what a framework's error handler sends: 400 for an unsafe target or another value that a
 * visitor may have chosen, 404 for PASS, 503 with Retry-After when the service does not answer, 500 for the application's own fault. `message` is for
 * the visitor and says no more than that; `detail`, `cause` and `decision` say why.
 */
export class NotSent extends FingerpostError {
  override readonly name: string = "NotSent";
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As in http-errors: the visitor sees no detail. */
  readonly expose = false;
  /** The answer, where there is one: REFUSE, PASS or FORWARD. */
  declare readonly decision?: Decision;

  constructor(
    readonly status: number,
    why: Decision | FingerpostError,
  ) {
    const error = why instanceof FingerpostError ? why : why.error;
    const { code, detail, reason } = error ?? codeOf(why as Decision);
    super(code, detail, reason, error?.violations, PHRASES[status]);
    this.statusCode = status;
    this.headers = status === 503 ? UNAVAILABLE : {};
    // Not enumerable, so that no error handler writes them into a response.
    Object.defineProperty(this, "cause", { value: error });
    Object.defineProperty(this, "decision", { value: why === error ? undefined : why });
    for (const name of ["detail", "violations"]) Object.defineProperty(this, name, { enumerable: false });
  }

  /** What it becomes where no framework makes a response of it, and in Hono. */
  getResponse(): Response {
    return new Response(`${this.message}\n`, { status: this.status, headers: { ...this.headers, "Content-Type": "text/plain; charset=utf-8" } });
  }
}

const codeOf = ({ outcome, message, reason }: Decision) => ({ code: outcome as string, detail: message || reason, reason });

/** The rejection for an answer that is no response. */
export function refused(decision: Decision): NotSent {
  if (decision.error) return failed(decision.error, decision);
  if (decision.outcome === "PASS") return new NotSent(404, decision);
  return new NotSent(decision.outcome === "REFUSE" && !OWN_FAULTS.has(decision.reason) ? 400 : 500, decision);
}

/** The rejection for `error`. */
export function failed(error: FingerpostError, decision?: Decision): NotSent {
  return new NotSent(statusOf(error), decision ?? error);
}

function statusOf({ answered, tooLarge, code, violations }: FingerpostError): number {
  if (!answered) return 503;
  if (tooLarge) return 400; // Only a visitor's values make a question too large.
  const visitors = code === "INVALID_ARGUMENT" && violations.length > 0 && violations.every(({ field }) => VISITORS_FIELDS.test(field));
  return visitors ? 400 : 500;
}
