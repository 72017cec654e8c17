// What the adapters for HTTP libraries share: a hop's question, and applying the changes to the real request.
import { create } from "@bufbuild/protobuf";

import type { Hop } from "./answers.js";
import {
  ChangeKind,
  FollowOptionsSchema,
  FollowRequestSchema,
  Profile,
  TargetRulesSchema,
  UserinfoPolicy,
  type Chain,
  type FollowOptions,
  type FollowRequest,
} from "./gen/fingerpost/v1/follow_pb.js";
import type { Body } from "./gen/fingerpost/v1/http_pb.js";
import { fieldLine, octetsOf } from "./questions.js";
import { sameOrigin, secretNames } from "./secrets.js";

/** Field lines, one character for each octet. */
export type Lines = readonly (readonly [name: string, octets: string])[];

/** Deviations from STRICT; see FollowOptions in follow.proto. Whatever they say, secrets stay on their origin and on `trustedOrigins`. */
export interface Options {
  /** Most redirects, 0 to 100. Default: 20, as Fetch. */
  readonly limit?: number;
  /** Origins among which credentials travel: `https://api.example.com`. */
  readonly trustedOrigins?: readonly string[];
  /** Secret fields in addition to Authorization, Proxy-Authorization and Cookie. */
  readonly secretFields?: readonly string[];
  /** Follow https to http. Default: no. */
  readonly allowDowngrade?: boolean;
  /** Refuse literal addresses that are not public, and names that do not exist on the public Internet; in the first URL, too. */
  readonly denyPrivateAddresses?: boolean;
  /** Hosts that may be requested, the first URL's included. Default: all. */
  readonly allowedHosts?: readonly string[];
  /** Hosts that may not be requested, the first URL's included; wins over `allowedHosts`. */
  readonly deniedHosts?: readonly string[];
  /** Ports that may be requested, 1 to 65535. Default: all. */
  readonly allowedPorts?: readonly number[];
  /** Keep POST and its content on 301 and 302 (RFC 9110 §15.4.2). Default: no. */
  readonly keepPost?: boolean;
  /** Follow 300 with a Location (RFC 9110 §15.4.1). Default: no. */
  readonly followMultipleChoices?: boolean;
  /** A user name or password in Location (RFC 9110 §4.2.4). Default: stop. */
  readonly userinfo?: "stop" | "strip";
  /** Stop if the next request would have another method, or lack the content: a webhook that arrives as a GET is not delivered. */
  readonly stopOnMethodChange?: boolean;
  /** Whose rules. Default: strict. */
  readonly profile?: ProfileName;
}
/** `"strict"`, `"curl"` and the other profiles. */
export type ProfileName = Lowercase<Exclude<keyof typeof Profile, "UNSPECIFIED">>;

// The response fields that Follow reads. Set-Cookie is not among them: the library keeps the cookies, so their values stay here.
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
    // fetch keeps no cookies. If the chain had any, Cookie's value would travel to the service.
    ...(chain && { chain: { ...chain, cookies: [] } }),
  });
}

/** Whether the first URL may be requested. Undefined: every URL may. */
export function firstQuestion(method: string, url: string, options: Options): FollowRequest | undefined {
  const message = optionsOf(options);
  return message.targets && create(FollowRequestSchema, { request: { method, url }, options: message, unsent: true });
}

function optionsOf(options: Options): FollowOptions {
  const { trustedOrigins = [], secretFields = [], stopOnMethodChange = false, profile, userinfo } = options;
  const { denyPrivateAddresses = false, allowedHosts = [], deniedHosts = [], allowedPorts = [] } = options;
  const message = create(FollowOptionsSchema, {
    trustedOrigins: [...trustedOrigins],
    secretFields: [...secretFields],
    stopOnMethodChange,
    ...(profile !== undefined && { profile: valueOf(Profile, "profile", profile) }),
    ...(userinfo !== undefined && { userinfo: valueOf(UserinfoPolicy, "userinfo", userinfo) }),
  });
  for (const name of ["limit", "allowDowngrade", "keepPost", "followMultipleChoices"] as const) {
    if (options[name] !== undefined) Object.assign(message, { [name]: options[name] });
  }
  if (denyPrivateAddresses || allowedHosts.length + deniedHosts.length + allowedPorts.length > 0) {
    message.targets = create(TargetRulesSchema, {
      denyPrivateAddresses,
      allowedHosts: [...allowedHosts],
      deniedHosts: [...deniedHosts],
      allowedPorts: [...allowedPorts],
    });
  }
  return message;
}

function valueOf<E extends Record<string, number | string>>(values: E, option: string, name: string): number {
  const value = values[name.toUpperCase()];
  if (typeof value === "number" && value > 0) return value;
  const known = Object.keys(values)
    .filter((key) => (values[key] as number) > 0)
    .map((key) => key.toLowerCase());
  throw new TypeError(`${option}: expected one of ${known.join(", ")}`);
}

/** The fields with the hop's changes. Withheld values keep their place, and stay on their origin. */
export function nextFields(url: string, fields: Lines, hop: Hop, options: Options): Lines {
  const secret = secretNames(options.secretFields);
  const stays = sameOrigin(url, hop.next?.url ?? "", options.trustedOrigins);
  const kept: (Lines[number] | undefined)[] = fields.map((line) => (stays || !secret.has(line[0].toLowerCase()) ? line : undefined));
  const added: Lines[number][] = [];
  for (const { kind, index, field } of hop.changes) {
    const octets = field && octetsOf(field);
    if (kind === ChangeKind.FIELD_DROPPED) kept[index] = undefined;
    else if (octets == null)
      continue; // Withheld: the value does not change.
    else if (kind === ChangeKind.FIELD_REWRITTEN) kept[index] = [field!.name, octets];
    else if (kind === ChangeKind.FIELD_ADDED) added.push([field!.name, octets]);
  }
  return [...kept.filter((line) => line !== undefined), ...added];
}

/** Whether to ask the service. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5); caches need it, also during an outage. */
export const isRedirect = (status: number): boolean => status >= 300 && status <= 399 && status !== NOT_MODIFIED;

/** The content is not sent again. */
export function dropsBody(hop: Hop): boolean {
  return hop.changes.some((change) => change.kind === ChangeKind.BODY_DROPPED);
}
