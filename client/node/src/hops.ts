// What the adapters for HTTP libraries share: a hop's question, and the changes applied to what was really sent.
import { create, type MessageInitShape } from "@bufbuild/protobuf";

import type { Hop } from "./answers.js";
import { ChangeKind, FollowOptionsSchema, FollowRequestSchema, type Chain, type FollowRequest } from "./gen/fingerpost/v1/follow_pb.js";
import type { Body } from "./gen/fingerpost/v1/http_pb.js";
import { fieldLine, octetsOf } from "./questions.js";

/** Field lines, one character for each octet. */
export type Lines = readonly (readonly [name: string, octets: string])[];

/** What to do otherwise than STRICT; see FollowOptions in follow.proto. */
export interface Options {
  /** Most redirects, 0 to 100. Default: 20. */
  readonly limit?: number;
  /** Origins among which credentials travel: `https://api.example.com`. */
  readonly trustedOrigins?: readonly string[];
  /** Fields that are secrets beside Authorization, Proxy-Authorization and Cookie. */
  readonly secretFields?: readonly string[];
  /** Follow https to http. */
  readonly allowDowngrade?: boolean;
  /** Refuse literal addresses that are not public, and names that the public Internet does not have. */
  readonly denyPrivateAddresses?: boolean;
  /** Hosts that may be requested. Default: all. */
  readonly allowedHosts?: readonly string[];
}

// Of a response, only these are read. Set-Cookie is not: the cookies are the library's matter, and so their values stay here.
const READ = new Set(["location", "referrer-policy", "retry-after"]);
const NOT_MODIFIED = 304;

/** A request that was sent, and what came back. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly fields: Lines;
  readonly body: Body;
  readonly status: number;
  readonly response: Lines;
}

/** One hop's question; the client keeps the secrets' values from travelling. */
export function question(seen: Exchange, chain: Chain | undefined, options: Options): FollowRequest {
  const { method, url, body, status } = seen;
  return create(FollowRequestSchema, {
    request: { method, url, body, headers: seen.fields.map(([name, octets]) => fieldLine(name, octets)) },
    response: { status, headers: seen.response.filter(([name]) => READ.has(name.toLowerCase())).map(([name, octets]) => fieldLine(name, octets)) },
    options: optionsOf(options),
    ...(chain && { chain }),
  });
}

function optionsOf(options: Options) {
  const { limit, trustedOrigins = [], secretFields = [], allowDowngrade, denyPrivateAddresses = false, allowedHosts = [] } = options;
  const init: MessageInitShape<typeof FollowOptionsSchema> = {
    trustedOrigins: [...trustedOrigins], secretFields: [...secretFields],
    ...(limit !== undefined && { limit }),
    ...(allowDowngrade !== undefined && { allowDowngrade }),
    ...((denyPrivateAddresses || allowedHosts.length > 0) && { targets: { denyPrivateAddresses, allowedHosts: [...allowedHosts] } }),
  };
  return create(FollowOptionsSchema, init);
}

/** `fields` with the hop's changes: the values that were withheld stay where they were. */
export function nextFields(fields: Lines, hop: Hop): Lines {
  const kept: (Lines[number] | undefined)[] = [...fields];
  const added: Lines[number][] = [];
  for (const { kind, index, field } of hop.changes) {
    const octets = field && octetsOf(field);
    if (kind === ChangeKind.FIELD_DROPPED) kept[index] = undefined;
    else if (octets == null) continue; // Withheld: the value stays what it is.
    else if (kind === ChangeKind.FIELD_REWRITTEN) kept[index] = [field!.name, octets];
    else if (kind === ChangeKind.FIELD_ADDED) added.push([field!.name, octets]);
  }
  return [...kept.filter((line) => line !== undefined), ...added];
}

/** Whether the service is asked. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5): caches live on it, also in an outage. */
export const isRedirect = (status: number): boolean => status >= 300 && status <= 399 && status !== NOT_MODIFIED;

/** The content is not sent again. */
export function dropsBody(hop: Hop): boolean {
  return hop.changes.some((change) => change.kind === ChangeKind.BODY_DROPPED);
}
