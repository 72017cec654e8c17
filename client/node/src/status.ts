// The error that a channel throws.
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { status, type ServiceError } from "@grpc/grpc-js";

import { FingerpostError, type Violation } from "./errors.js";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";

/** From what the channel throws. */
export function ofStatus(error: ServiceError): FingerpostError {
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

function detailsOf(octets: Uint8Array) {
  try {
    return fromBinary(StatusSchema, octets).details;
  } catch {
    return []; // The code says enough.
  }
}
