// The one error class of this package.
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { status, type ServiceError } from "@grpc/grpc-js";

import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";

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

  /** The question is larger than the service takes. Only gRPC's text says so. */
  get tooLarge(): boolean {
    return this.code === "RESOURCE_EXHAUSTED" && this.detail.includes("message larger than max");
  }

  /** From what the channel throws. */
  static of(error: ServiceError): FingerpostError {
    const code = status[error.code] ?? "UNKNOWN";
    let reason = "";
    const violations: Violation[] = [];
    for (const octets of error.metadata?.get("grpc-status-details-bin") ?? []) {
      if (typeof octets === "string") continue;
      for (const detail of detailsOf(octets)) {
        reason = anyUnpack(detail, ErrorInfoSchema)?.reason || reason;
        for (const v of anyUnpack(detail, BadRequestSchema)?.fieldViolations ?? []) {
          violations.push({ field: v.field, description: v.description });
        }
      }
    }
    return new FingerpostError(code, error.details || code, reason, violations);
  }
}

/** The service answered, but what it said failed the client's checks. */
export function malformed(what: string): FingerpostError {
  return new FingerpostError("MALFORMED", `the service's answer was not used: ${what}`);
}

function detailsOf(octets: Uint8Array) {
  try {
    return fromBinary(StatusSchema, octets).details;
  } catch {
    return []; // The code says enough.
  }
}
