// The answers, typed and checked.
import { malformed, type FingerpostError } from "./errors.js";
import { OutcomeSchema, ReasonCodeSchema, type DecideResponse } from "./gen/fingerpost/v1/decide_pb.js";
import { StopReasonSchema, type Chain, type Change, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { Header, HttpRequest } from "./gen/fingerpost/v1/http_pb.js";
import { nameOf } from "./names.js";
import { PAGE_FIELDS } from "./page.js";
import { octetsOf } from "./questions.js";

/** What to do (see decide.proto). */
export type Outcome = "REDIRECT" | "RESPOND" | "FORWARD" | "PASS" | "REFUSE";
/** Who gave the answer. */
export type Source = "SERVICE" | "FALLBACK";
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
  readonly source?: Source;
  readonly error?: FingerpostError;
  readonly raw?: DecideResponse;
}

/** An answer to Decide. If `mustSend`, write `status`, `headers` and `body` unchanged; otherwise `headers` belong on the page: Vary, Cache-Control and Set-Cookie. */
export class Decision {
  readonly outcome: Outcome;
  readonly status: number = 0;
  readonly headers: Fields = [];
  readonly body: string = "";
  readonly target: string = "";
  /** `FORM_RESULT` (ReasonCode in decide.proto). */
  readonly reason: string = "";
  /** The reason in one sentence. */
  readonly message: string = "";
  readonly citations: readonly string[] = [];
  readonly warnings: readonly string[] = [];
  /** The Set-Cookie line that removes the flash message. */
  readonly clearCookie: string = "";
  readonly rule: string = "";
  readonly policyVersion: string = "";
  readonly source: Source = "SERVICE";
  /** Why the service did not answer, with `source` FALLBACK. */
  readonly error?: FingerpostError;
  /** The protobuf message. */
  declare readonly raw?: DecideResponse;

  constructor({ raw, ...parts }: DecisionParts) {
    this.outcome = parts.outcome;
    Object.assign(this, parts);
    Object.defineProperty(this, "raw", { value: raw, enumerable: false }); // A log has enough of the rest.
    Object.freeze(this);
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
function check(line: Header): void {
  if (!TOKEN.test(line.name)) throw malformed("a field name is not a token");
  if (CONTROL.test(octetsOf(line) ?? "")) throw malformed(`the value of ${line.name} has a control character`);
}

/** Checks an answer (client/README.md, 5) and types it. */
export function decisionOf(answer: DecideResponse): Decision {
  const name = nameOf(OutcomeSchema, answer.outcome);
  const outcome = OUTCOMES.has(name) ? (name as Outcome) : "PASS"; // An unknown outcome, from a newer service, is PASS.
  if (CONTROL.test(answer.target) || CONTROL.test(answer.clearCookie)) throw malformed("target or clear_cookie has a control character");
  if (outcome === "REDIRECT" || outcome === "RESPOND") checkResponse(answer, outcome);
  else checkNone(answer, outcome);
  return new Decision({
    outcome,
    status: answer.status,
    headers: answer.headers.map((line) => [line.name, octetsOf(line) ?? ""] as const),
    body: answer.body,
    target: answer.target,
    reason: nameOf(ReasonCodeSchema, answer.reason?.code ?? 0),
    message: answer.reason?.message ?? "",
    citations: answer.reason?.citations ?? [],
    warnings: answer.warnings.map((warning) => warning.message),
    clearCookie: answer.clearCookie,
    rule: answer.rule,
    policyVersion: answer.policyVersion,
    raw: answer,
  });
}

function checkNone(answer: DecideResponse, outcome: Outcome): void {
  answer.headers.forEach(check);
  if (answer.status !== 0 || answer.headers.some(({ name }) => !PAGE_FIELDS.has(name.toLowerCase()))) {
    throw malformed(`${outcome} with a status or the fields of a response`);
  }
}

function checkResponse(answer: DecideResponse, outcome: Outcome): void {
  answer.headers.forEach(check);
  const redirect = answer.status >= 300 && answer.status <= 399;
  if (redirect !== (outcome === "REDIRECT") || answer.status < 200 || answer.status > 599) {
    throw malformed(`${outcome} with status ${answer.status}`);
  }
  const locations = answer.headers.filter((line) => line.name.toLowerCase() === "location");
  if (locations.some((line) => !octetsOf(line))) throw malformed("an empty Location");
  if (locations.length > 1 || (redirect && answer.status !== 300 && locations.length !== 1)) throw malformed(`${locations.length} Location fields`);
}

/** Checks an answer and types it. */
export function hopOf(answer: FollowResponse): Hop {
  const common = {
    stop: "",
    message: "",
    failed: false,
    changes: answer.changes,
    source: "SERVICE",
    raw: answer,
    waitSeconds: Number(answer.wait?.seconds ?? 0) + (answer.wait?.nanos ?? 0) / 1e9,
    ...(answer.chain && { chain: answer.chain }),
  } as const;
  const { result } = answer;
  if (result.case === "next") {
    result.value.headers.forEach(check);
    for (const change of answer.changes) if (change.field) check(change.field);
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
