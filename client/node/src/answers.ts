// The answers, typed and checked.
import { fromBinary } from "@bufbuild/protobuf";

import { malformed, type FingerpostError } from "./errors.js";
import { DecideResponseSchema, OutcomeSchema, ReasonCodeSchema, type DecideResponse } from "./gen/fingerpost/v1/decide_pb.js";
import { StopReasonSchema, type Chain, type Change, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { Header, HttpRequest } from "./gen/fingerpost/v1/http_pb.js";
import { nameOf } from "./names.js";
import { PAGE_FIELDS } from "./page.js";
import { octetsOf } from "./questions.js";
import { told, type Told } from "./read.js";

/** What to do (see decide.proto). */
export type Outcome = "REDIRECT" | "RESPOND" | "FORWARD" | "PASS" | "REFUSE";
/** Who gave the answer: the service, the engine in this process with the service's policy, or what is left without both. */
export type Source = "SERVICE" | "ENGINE" | "FALLBACK";
export type Fields = readonly (readonly [name: string, value: string])[];

const OUTCOMES: ReadonlySet<string> = new Set<Outcome>(["REDIRECT", "RESPOND", "FORWARD", "PASS", "REFUSE"]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

interface DecisionParts {
  readonly outcome: Outcome;
  readonly status?: number;
  readonly headers?: Fields;
  readonly body?: string;
  readonly target?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly citations?: readonly string[];
  readonly warnings?: readonly string[];
  readonly clearCookie?: string;
  readonly rule?: string;
  readonly policyVersion?: string;
}

/** An answer to Decide. If `mustSend`, write `status`, `headers` and `body` unchanged; otherwise `headers` belong on the page: Vary, Cache-Control and Set-Cookie. */
export class Decision {
  readonly outcome: Outcome;
  readonly status: number;
  readonly headers: Fields;
  readonly body: string;
  readonly target: string;
  /** `FORM_RESULT` (ReasonCode in decide.proto). */
  readonly reason: string;
  /** The reason in one sentence. */
  readonly message: string;
  readonly citations: readonly string[];
  readonly warnings: readonly string[];
  /** The Set-Cookie line that removes the flash message. */
  readonly clearCookie: string;
  readonly rule: string;
  readonly policyVersion: string;
  readonly source: Source;
  /** Why the service did not answer, with `source` FALLBACK. */
  declare readonly error?: FingerpostError;
  readonly #raw: DecideResponse | Uint8Array | undefined;

  constructor(parts: DecisionParts, source: Source = "SERVICE", error?: FingerpostError, raw?: DecideResponse | Uint8Array) {
    this.outcome = parts.outcome;
    this.status = parts.status ?? 0;
    this.headers = parts.headers ?? [];
    this.body = parts.body ?? "";
    this.target = parts.target ?? "";
    this.reason = parts.reason ?? "";
    this.message = parts.message ?? "";
    this.citations = parts.citations ?? [];
    this.warnings = parts.warnings ?? [];
    this.clearCookie = parts.clearCookie ?? "";
    this.rule = parts.rule ?? "";
    this.policyVersion = parts.policyVersion ?? "";
    this.source = source;
    if (error) this.error = error;
    this.#raw = raw;
    Object.freeze(this);
  }

  /** The protobuf message. A log has enough of the rest. */
  get raw(): DecideResponse | undefined {
    return this.#raw instanceof Uint8Array ? fromBinary(DecideResponseSchema, this.#raw) : this.#raw;
  }

  /** `status`, `headers` and `body` are the response. */
  get mustSend(): boolean {
    return this.outcome === "REDIRECT" || this.outcome === "RESPOND";
  }

  /** The first field of that name. */
  header(name: string): string | undefined {
    return this.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }
}

/** An answer to Follow: `next` is the request to send, or `stop` says why there is none. */
export interface Hop {
  readonly next?: HttpRequest;
  /** `LOOP` (StopReason in follow.proto); empty with `next`. */
  readonly stop: string;
  /** The stop's reason in one sentence. */
  readonly message: string;
  /** On a stop: the chain ended in an error, rather than with a response that is the result. */
  readonly failed: boolean;
  readonly changes: readonly Change[];
  readonly chain?: Chain;
  /** Seconds that the response asks to wait (Retry-After). */
  readonly waitSeconds: number;
  readonly source: Source;
  /** Why the service did not answer, with `source` FALLBACK. */
  readonly error?: FingerpostError;
  /** The protobuf message. */
  readonly raw?: FollowResponse;
}

/** Refuses a field that could split a response: the answer is checked before it becomes a header. */
function check(name: string, value: string): void {
  if (!TOKEN.test(name)) throw malformed("a field name is not a token");
  if (CONTROL.test(value)) throw malformed(`the value of ${name} has a control character`);
}

const checkLine = (line: Header): void => check(line.name, octetsOf(line) ?? "");

/** Checks an answer (client/README.md, 5), as a message or as the engine's octets, and types it. */
export function decisionOf(answer: DecideResponse | Uint8Array, source: Source = "SERVICE", error?: FingerpostError): Decision {
  const said = answer instanceof Uint8Array ? told(answer) : toldBy(answer);
  const name = nameOf(OutcomeSchema, said.outcome);
  const outcome = OUTCOMES.has(name) ? (name as Outcome) : "PASS"; // An unknown outcome, from a newer service, is PASS.
  if (CONTROL.test(said.target) || CONTROL.test(said.clearCookie)) throw malformed("target or clear_cookie has a control character");
  for (const [field, value] of said.headers) check(field, value);
  if (outcome === "REDIRECT" || outcome === "RESPOND") checkResponse(said, outcome);
  else checkNone(said, outcome);
  const { status, headers, body, target, message, citations, warnings, clearCookie, rule, policyVersion } = said;
  const reason = nameOf(ReasonCodeSchema, said.reason);
  // Member by member: spreading an object takes longer than all the rest.
  const parts = { outcome, status, headers, body, target, reason, message, citations, warnings, clearCookie, rule, policyVersion };
  return new Decision(parts, source, error, answer);
}

const toldBy = (answer: DecideResponse): Told => ({
  outcome: answer.outcome,
  status: answer.status,
  headers: answer.headers.map((line) => [line.name, octetsOf(line) ?? ""] as const),
  body: answer.body,
  target: answer.target,
  reason: answer.reason?.code ?? 0,
  message: answer.reason?.message ?? "",
  citations: answer.reason?.citations ?? [],
  warnings: answer.warnings.map((warning) => warning.message),
  clearCookie: answer.clearCookie,
  rule: answer.rule,
  policyVersion: answer.policyVersion,
});

function checkNone({ status, headers }: Told, outcome: Outcome): void {
  if (status !== 0 || headers.some(([name]) => !PAGE_FIELDS.has(name.toLowerCase()))) {
    throw malformed(`${outcome} with a status or the fields of a response`);
  }
}

function checkResponse({ status, headers }: Told, outcome: Outcome): void {
  const redirect = status >= 300 && status <= 399;
  if (redirect !== (outcome === "REDIRECT") || status < 200 || status > 599) {
    throw malformed(`${outcome} with status ${status}`);
  }
  const locations = headers.filter(([name]) => name.toLowerCase() === "location");
  if (locations.some(([, value]) => !value)) throw malformed("an empty Location");
  if (locations.length > 1 || (redirect && status !== 300 && locations.length !== 1)) throw malformed(`${locations.length} Location fields`);
}

/** Checks an answer and types it. */
export function hopOf(answer: FollowResponse, source: Source = "SERVICE"): Hop {
  const common = {
    stop: "",
    message: "",
    failed: false,
    changes: answer.changes,
    source,
    raw: answer,
    waitSeconds: Number(answer.wait?.seconds ?? 0) + (answer.wait?.nanos ?? 0) / 1e9,
    ...(answer.chain && { chain: answer.chain }),
  } as const;
  const { result } = answer;
  if (result.case === "next") {
    result.value.headers.forEach(checkLine);
    for (const change of answer.changes) if (change.field) checkLine(change.field);
    // eslint-disable-next-line no-control-regex
    if (!/^https?:\/\/[^\u0000-\u0020\u007f]+$/.test(result.value.url)) throw malformed("the next URL is not an http or https URL");
    if (!TOKEN.test(result.value.method)) throw malformed("the next method is not a token");
    return { ...common, next: result.value };
  }
  const stop = result.case === "stop" ? result.value : undefined;
  return {
    ...common,
    stop: nameOf(StopReasonSchema, stop?.reason || -1) || "UNKNOWN",
    message: stop?.message ?? "",
    failed: stop?.error ?? true,
  };
}
