// What a caller gets when the service does not answer (client/README.md). The table is generated from the service's own.
import { isFieldSet } from "@bufbuild/protobuf";

import { Decision, type Hop } from "./answers.js";
import type { FingerpostError } from "./errors.js";
import type { DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import type { Chain } from "./gen/fingerpost/v1/follow_pb.js";
import { Protocol } from "./gen/fingerpost/v1/http_pb.js";
import { IntentSchema, PurposeSchema, type Intent } from "./gen/fingerpost/v1/intent_pb.js";
import { fallbackTable, type FallbackTable } from "./assets.js";

// One "/", not two and no "\": RFC 3986 path-absolute with query and fragment, no placeholders.
const PATH_ABSOLUTE = /^\/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@/?%#]*$/;
let table: FallbackTable | undefined;

/** The answer without the service, or throws `error`. */
export function decide(question: DecideRequest, error: FingerpostError): Decision {
  if (question.wish.case !== "intent") return new Decision({ outcome: "PASS", source: "FALLBACK", error });
  const intent = question.wish.value;
  table ??= fallbackTable();
  const purpose = PurposeSchema.value[intent.purpose]?.name ?? "";
  const row = table.rows.find((one) => one.intent.purpose === purpose && Object.keys(one.intent).length === 1 && !one.reads_client && one.target);
  // HTTP/1.0 has codes of its own.
  if (!row || question.request?.protocol === Protocol.HTTP_1_0 || !isPlain(intent, row.ignored_modifiers) || !PATH_ABSOLUTE.test(intent.target)) throw error;
  const column = row.http_1_1[table.methods.safe.includes(question.request?.method ?? "") ? "safe" : "unsafe"];
  if (column?.location !== "as_given" || column.status < 300) throw error;
  return new Decision({
    outcome: "REDIRECT", status: column.status, target: intent.target, source: "FALLBACK", error,
    headers: [["Location", intent.target], ["Cache-Control", column.fields["Cache-Control"] ?? "no-store"], ["Content-Length", "0"]],
  });
}

// Nothing is set that could change the answer.
function isPlain(intent: Intent, ignored: readonly string[]): boolean {
  const allowed = new Set(["purpose", "target", "trust", ...ignored]);
  return IntentSchema.fields.every((field) => allowed.has(field.name) || !isFieldSet(intent, field));
}

/** A stop: the response that came is the last one. */
export function follow(chain: Chain | undefined, error: FingerpostError): Hop {
  return {
    stop: "SERVICE_UNAVAILABLE", message: error.message, failed: true, changes: [], waitSeconds: 0, source: "FALLBACK", error,
    ...(chain && { chain }),
  };
}
