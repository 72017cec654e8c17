// What a caller gets when the service does not answer (client/README.md). The table is generated from the service's own.
import { toJson, type JsonObject } from "@bufbuild/protobuf";

import { Decision, type Hop } from "./answers.js";
import { fallbackTable, type FallbackColumn, type FallbackRow, type FallbackTable } from "./assets.js";
import type { FingerpostError } from "./errors.js";
import type { DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import type { Chain } from "./gen/fingerpost/v1/follow_pb.js";
import { Protocol, type Header } from "./gen/fingerpost/v1/http_pb.js";
import { IntentSchema, Trust, UnsafeTarget, type Intent } from "./gen/fingerpost/v1/intent_pb.js";
import { octetsOf } from "./questions.js";

const LONGEST_TARGET = 8000;
// One "/", not two and no "\", and no dot segment: RFC 3986 path-absolute with query and fragment, no placeholders.
const PATH = String.raw`/(?![/\\])(?!(?:.*/)?(?:\.|%2[Ee]){1,2}(?:[/?#]|$))[A-Za-z0-9\-._~!$&'()*+,;=:@/?%#]*`;
// As the WHATWG parser writes it: lower case, no userinfo, no default port, and a host that is either four decimal numbers or a name that is no address.
const NUMBER = "(?:0|[1-9][0-9]{0,2})";
const HOST = String.raw`(?:${NUMBER}(?:\.${NUMBER}){3}|(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)`;
const ORIGIN = String.raw`https?://${HOST}(?::(?!80\b|443\b)(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?`;
const PATH_ABSOLUTE = new RegExp(`^${PATH}$`);
const ABSOLUTE = new RegExp(`^(${ORIGIN})(${PATH})?$`);
const OWN = new RegExp(`^(${ORIGIN})(?=[/?#]|$)`);
// A query that no parser changes; "'" is percent-encoded in one.
const QUERY = /^[A-Za-z0-9\-._~!$&()*+,;=:@/?%]*$/;
// Values of Accept that prefer text/html or state no preference.
const PAGE = /^(?:text\/html(?:,.*)?|\*\/\*)?$/i;
let table: FallbackTable | undefined;

/** The answer without the service, or throws `error`. */
export function decide({ wish, request }: DecideRequest, error: FingerpostError): Decision {
  if (wish.case !== "intent") return new Decision({ outcome: "PASS", source: "FALLBACK", error });
  const intent = wish.value;
  const url = request?.url ?? "";
  const fields = new Map((request?.headers ?? []).map((line: Header) => [line.name.toLowerCase(), octetsOf(line) ?? ""]));
  table ??= fallbackTable();
  const row = rowOf(table, intent);
  const kind = (["safe", "unsafe"] as const).find((one) => table!.methods[one].includes(request?.method ?? ""));
  if (!row || !kind || !isOurs(fields) || (row.reads_client && !intent.client && !isPage(fields))) throw error;
  const column = row[request?.protocol === Protocol.HTTP_1_0 ? "http_1_0" : "http_1_1"][kind];
  if (!column) throw error;
  const location = locationOf(row, column, intent, url);
  if (location === undefined || (location && !gets(request!.method, kind, column.status) && isOwn(location, url))) throw error;
  return new Decision({
    outcome: column.status >= 300 && column.status <= 399 ? "REDIRECT" : "RESPOND",
    status: column.status,
    target: location,
    source: "FALLBACK",
    error,
    headers: [...(location ? [["Location", location] as const] : []), ...Object.entries(column.fields), ["Content-Length", "0"]],
  });
}

// The row for this intent, apart from the target, the client and modifiers that make no difference.
function rowOf({ rows }: FallbackTable, intent: Intent): FallbackRow | undefined {
  const { client = "CLIENT_KIND_UNKNOWN", trust, target, ...asked } = toJson(IntentSchema, intent, { useProtoFieldName: true }) as JsonObject;
  if (trust === "TRUST_POLICY") return undefined; // Only a policy can give it.
  return rows.find((row) => {
    const given = Object.entries(asked).filter(([name]) => !row.ignored_modifiers.includes(name));
    const same = given.length === Object.keys(row.intent).length && given.every(([name, value]) => row.intent[name] === value);
    return same && row.clients.includes(client as string) && (row.target || !target);
  });
}

// WebSocket and gRPC have no redirects; htmx and Inertia may need another form of it.
const isOurs = (fields: Map<string, string>): boolean =>
  !["upgrade", "hx-request", "x-inertia"].some((name) => fields.has(name)) && !/^application\/grpc/i.test(fields.get("content-type") ?? "");

// Nothing indicates that a program asks rather than a person.
function isPage(fields: Map<string, string>): boolean {
  const mode = fields.get("sec-fetch-mode");
  if (mode) return mode.toLowerCase() === "navigate";
  const script = fields.get("x-requested-with")?.toLowerCase() === "xmlhttprequest" || /json/i.test(fields.get("content-type") ?? "");
  return !script && PAGE.test(fields.get("accept") ?? "");
}

// The Location to write, or an empty text. Nothing: only the service can tell.
function locationOf(row: FallbackRow, column: FallbackColumn, intent: Intent, url: string): string | undefined {
  if (!row.target) return "";
  const own = OWN.exec(url)?.[1] ?? "";
  const itself = column.location === "https" && !intent.target; // The URL itself is the default.
  const instead = intent.unsafeTarget === UnsafeTarget.FALL_BACK && !itself ? intent.fallbackTarget : "";
  const first = taken(itself ? url.slice(own.length) || "/" : intent.target, own, intent.trust);
  const target = first && row.keeps_query && !itself ? withQuery(first, url) : (first ?? taken(instead, own, intent.trust));
  if (target && column.location === "none") return "";
  if (column.location === "https" && target?.startsWith("http:")) return undefined; // http is no upgrade.
  if (!target?.startsWith("/") || column.location === "as_given") return target;
  if (!own) return undefined;
  return (column.location === "https" ? own.replace(/^http:/, "https:") : own) + target;
}

// A target that is safe for every caller: on the request's own origin, or the caller's own choice.
function taken(target: string, own: string, trust: Trust): string | undefined {
  if (target.length > LONGEST_TARGET) return undefined;
  if (PATH_ABSOLUTE.test(target)) return target;
  const [, origin, path] = ABSOLUTE.exec(target) ?? [];
  return origin && (origin === own || trust === Trust.CALLER) ? origin + (path || "/") : undefined;
}

// The target with the query of the URL, unless it has one of its own. Nothing: only the service can tell.
function withQuery(target: string, url: string): string | undefined {
  const [, query] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const [, path = "", fragment = ""] = /^([^#]*)(.*)$/.exec(target) ?? [];
  if (query === undefined || path.includes("?")) return target;
  const whole = `${path}?${query}${fragment}`;
  return QUERY.test(query) && whole.length <= LONGEST_TARGET ? whole : undefined;
}

// The client comes back with GET for another method, if at all (RFC 9110 §15.4.2 to §15.4.4).
const gets = (method: string, kind: "safe" | "unsafe", status: number): boolean =>
  kind === "unsafe" && (status < 300 || status > 399 || status === 303 || ((status === 301 || status === 302) && method === "POST"));

// It leads to the request itself, which is a loop unless the client then uses another method.
function isOwn(location: string, url: string): boolean {
  const absolute = location.startsWith("/") ? (OWN.exec(url)?.[1] ?? "") + location : location;
  return absolute.split("#", 1)[0] === url.split("#", 1)[0];
}

/** A stop: the response that came is the last one. */
export function follow(chain: Chain | undefined, error: FingerpostError): Hop {
  return {
    stop: "SERVICE_UNAVAILABLE",
    message: error.message,
    failed: true,
    changes: [],
    waitSeconds: 0,
    source: "FALLBACK",
    error,
    ...(chain && { chain }),
  };
}
