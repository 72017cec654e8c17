// The one error class of this package.
import { ErrorReasonSchema, type Error as ErrorMessage } from "./gen/fingerpost/v1/answer_pb.js";
import { nameOf } from "./names.js";

/** One wrong field of a question. */
export interface Violation {
  /** Path from the question: `intent.target`. */
  readonly field: string;
  readonly description: string;
}

// Codes by which a healthy service reports a fault of the question or of the caller.
const ANSWERS = new Set(["INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "OUT_OF_RANGE"]);

/** No answer, or an answer that says that the question is wrong. */
export class FingerpostError extends Error {
  override readonly name: string = "FingerpostError";

  constructor(
    /** A gRPC code (`INVALID_ARGUMENT`), `MALFORMED` for an answer that was not used, or `BREAKER_OPEN`. */
    readonly code: string,
    /** One sentence. */
    readonly detail: string,
    /** `INVALID_FIELDS` and the like (ErrorReason in answer.proto); empty when the service gave none. */
    readonly reason: string = "",
    /** Every wrong field. */
    readonly violations: readonly Violation[] = [],
    message = `${code}: ${violations.map((v) => (v.field ? `${v.field}: ${v.description}` : v.description)).join("; ") || detail}`,
  ) {
    super(message);
  }

  /** The service said that the question is wrong: no fallback, and asking again would not help. */
  get answered(): boolean {
    return ANSWERS.has(this.code) || this.tooLarge;
  }

  /** The question is larger than the service takes. Only the texts of gRPC and of HTTP/JSON say so. */
  get tooLarge(): boolean {
    return this.code === "RESOURCE_EXHAUSTED" && /message larger than max|content is too large/.test(this.detail);
  }
}

/** The error that a v1.Error tells: of the engine, of HTTP/JSON. */
export function errorOf({ code, message, reason, violations }: ErrorMessage): FingerpostError {
  return new FingerpostError(
    code || "UNKNOWN",
    message || code,
    nameOf(ErrorReasonSchema, reason),
    violations.map(({ field, description }) => ({ field, description })),
  );
}

/** The service answered, but what it said failed the client's checks. */
export function malformed(what: string): FingerpostError {
  return new FingerpostError("MALFORMED", `the service's answer was not used: ${what}`);
}
