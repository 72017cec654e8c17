// Questions spelled as flags: the flags of the fingerpost command.
import { create, fromJson, toBinary, type DescEnum } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";

import { ErrorReason, ErrorSchema, type FieldViolation } from "../gen/fingerpost/v1/answer_pb.js";
import { DecideRequestSchema, type DecideRequest } from "../gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, ProfileSchema, type FollowRequest } from "../gen/fingerpost/v1/follow_pb.js";
import { BodySchema, HeaderSchema, HttpRequestSchema, ProtocolSchema, type Header } from "../gen/fingerpost/v1/http_pb.js";
import {
  ClientKindSchema, IntentSchema, OperationStateSchema, PermanenceSchema, PurposeSchema, TrustSchema, type Intent,
} from "../gen/fingerpost/v1/intent_pb.js";
import { expectedName, findValue, shortNames } from "../names.js";
import { Fault } from "./json.js";

/** A flag of the command line. Without a metavar it takes no value. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly metavar?: string;
  readonly help: string;
  readonly group: string;
  readonly repeatable?: true;
}

const names = (schema: DescEnum) => shortNames(schema).join(", ");
const flags = (group: string, ...rows: (readonly [name: string, metavar: string, help: string, repeatable?: true])[]): Flag[] =>
  rows.map(([name, metavar, help, repeatable]) => ({ name, help, group, ...(metavar && { metavar }), ...(repeatable && { repeatable }) }));

const REQUEST: Flag[] = [
  { name: "method", short: "X", metavar: "METHOD", help: "Its method; default: GET", group: "The request" },
  ...flags("The request", ["url", "URL", "Its URL: absolute, http or https"]),
  {
    name: "header", short: "H", metavar: "'NAME: VALUE'", repeatable: true, group: "The request",
    help: "One of its fields; NAME alone: present, its value withheld. Repeatable",
  },
  ...flags("The request",
    ["protocol", "VERSION", `HTTP version: ${names(ProtocolSchema)}, or as in HTTP/1.0`],
    ["body", "BODY", `Whether it has content: ${names(BodySchema)}`]),
];
const ANSWER = flags("The answer",
  ["now", "RFC3339", "The instant of the answer; default: the clock's"],
  ["input", "FILE", 'Answer every line of FILE ("-": standard input), each a question in protobuf JSON, with a line of JSON'],
  ["json", "", "Print the answer as protobuf JSON"]);

/** The flags of each command, but for those of the server. */
export const FLAGS: Readonly<Record<"decide" | "follow", readonly Flag[]>> = {
  decide: [
    ...REQUEST,
    ...flags("The intent",
      ["purpose", "PURPOSE", `What is meant: ${names(PurposeSchema)}`],
      ["intent", "NAME", "An intent of the policy, instead of --purpose"],
      ["param", "NAME=VALUE", "Value of a {placeholder} of the target. Repeatable", true],
      ["trust", "TRUST", "Who chose the target: end_user, caller; default: end_user"],
      ["allow-host", "HOST", "A host that the target may name. Repeatable", true],
      ["client", "KIND", `Who asks, if not read from the fields: ${names(ClientKindSchema)}`],
      ["flash", "TEXT", "A message for the next page, in a cookie"],
      ["permanence", "PERMANENCE", `canonical_url, https_upgrade: ${names(PermanenceSchema)}`],
      ["pin", "STATUS", "The status code that a contract promises"],
      ["state", "STATE", `operation_result: ${names(OperationStateSchema)}`],
      ["retry-after", "SECONDS", "When to ask again"]),
    ...flags("The answer", ["explain", "", "Show the rules that were tried, what the code means, and what each known client would do"]),
    ...ANSWER,
  ],
  follow: [
    ...REQUEST,
    ...flags("The response",
      ["status", "STATUS", "Its status code"],
      ["location", "URL", "Its Location field"],
      ["response-header", "'NAME: VALUE'", "Another of its fields. Repeatable", true]),
    ...flags("The answer", ["profile", "PROFILE", `Whose rules; default: strict. One of ${names(ProfileSchema)}`]),
    ...ANSWER,
  ],
};

/** What the command line says. */
export interface Words {
  readonly target: string;
  text(name: string): string;
  texts(name: string): readonly string[];
  has(name: string): boolean;
}

// From the texts of flags to values. Notes what is wrong under the field's path.
class Reader {
  readonly #violations: { field: string; description: string }[] = [];

  constructor(readonly words: Words) {}

  fault(field: string, description: string): void {
    this.#violations.push({ field, description });
  }

  finish(): void {
    const [first, ...more] = this.#violations;
    if (!first) return;
    const message = `${first.field}: ${first.description}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
    const violations = this.#violations as FieldViolation[];
    throw new Fault(create(ErrorSchema, { code: "INVALID_ARGUMENT", reason: ErrorReason.INVALID_FIELDS, message, violations }));
  }

  name(schema: DescEnum, flag: string, path: string): number {
    const text = this.words.text(flag);
    if (!text) return 0;
    const value = findValue(schema, text);
    if (!value) this.fault(path, expectedName(schema, text));
    return value?.number ?? 0;
  }

  instant() {
    return this.parsed(TimestampSchema, this.words.text("now"), "now", "expected an instant such as 2026-01-31T12:00:00Z (RFC 3339)");
  }

  parsed<S extends typeof TimestampSchema | typeof DurationSchema>(schema: S, text: string, path: string, expected: string) {
    if (!text) return undefined;
    try {
      return fromJson(schema, text);
    } catch {
      this.fault(path, expected);
      return undefined;
    }
  }

  fields(flag: string, path: string, first = 0): Header[] {
    return this.words.texts(flag).flatMap((line, i) => {
      const [, name, , value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(:([^]*))?$/.exec(line) ?? [];
      if (name) return [field(name, value?.replace(/^[ \t]+|[ \t]+$/g, ""))];
      this.fault(`${path}[${first + i}]`, 'expected "Name: value", or "Name" to withhold the value');
      return [];
    });
  }
}

const field = (name: string, value: string | undefined): Header =>
  create(HeaderSchema, { name, ...(value !== undefined && { content: { case: "value", value } }) });

function request(reader: Reader) {
  const { words } = reader;
  return create(HttpRequestSchema, {
    method: words.has("method") ? words.text("method") : "GET",
    url: words.text("url"),
    protocol: reader.name(ProtocolSchema, "protocol", "request.protocol"),
    headers: reader.fields("header", "request.headers"),
    body: reader.name(BodySchema, "body", "request.body"),
  });
}

/** Throws a Fault that names the fields. */
export function decideQuestion(words: Words): DecideRequest {
  const reader = new Reader(words);
  const question = create(DecideRequestSchema, { request: request(reader), explain: words.has("explain") });
  if (words.text("intent")) question.wish = { case: "intentName", value: words.text("intent") };
  for (const pair of words.texts("param")) {
    const [, name, value] = /^([^=]*)=([^]*)$/.exec(pair) ?? [];
    if (name === undefined) reader.fault("parameters", "expected NAME=VALUE in UTF-8");
    else question.parameters[name] = value!;
  }
  const now = reader.instant();
  if (now) question.now = now;
  const intent = intentOf(reader);
  if (toBinary(IntentSchema, intent).length > 0) {
    if (words.text("intent")) reader.fault("intent_name", "the policy has the whole intent: expected nothing beside it");
    question.wish = { case: "intent", value: intent };
  }
  reader.finish();
  return question;
}

function intentOf(reader: Reader): Intent {
  const { words } = reader;
  const intent = create(IntentSchema, {
    purpose: reader.name(PurposeSchema, "purpose", "intent.purpose"),
    target: words.target,
    permanence: reader.name(PermanenceSchema, "permanence", "intent.permanence"),
    pinnedStatus: Number(words.text("pin")),
    ...(words.text("flash") && { flash: { text: words.text("flash") } }),
    client: reader.name(ClientKindSchema, "client", "intent.client"),
    trust: reader.name(TrustSchema, "trust", "intent.trust"),
    allowedHosts: [...words.texts("allow-host")],
    operationState: reader.name(OperationStateSchema, "state", "intent.operation_state"),
  });
  const seconds = words.text("retry-after");
  const duration = reader.parsed(DurationSchema, seconds && seconds.replace(/s?$/, "s"), "intent.retry_after", "expected a number of seconds");
  if (duration) intent.retryAfter = duration;
  return intent;
}

/** As decideQuestion. */
export function followQuestion(words: Words): FollowRequest {
  const reader = new Reader(words);
  const location = words.has("location") ? [field("Location", words.text("location"))] : [];
  const question = create(FollowRequestSchema, {
    request: request(reader),
    response: { status: Number(words.text("status")), headers: [...location, ...reader.fields("response-header", "response.headers", location.length)] },
    ...(words.text("profile") && { options: { profile: reader.name(ProfileSchema, "profile", "options.profile") } }),
  });
  const now = reader.instant();
  if (now) question.now = now;
  reader.finish();
  return question;
}
