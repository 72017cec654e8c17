// How the adapters see a request: its URL, and the fields that a rule may look at.
import type { HttpRequestJson } from "./gen/fingerpost/v1/http_pb.js";
import { contentOf } from "./octets.js";
import type { Loose } from "./questions.js";

// What middleware and helpers send of a request: enough for every rule of the core, nothing that identifies or authenticates a user. Fields that a
// policy's rules look at are added by the caller, by name.
const SENT_FIELDS = [
  "accept",
  "access-control-request-method",
  "content-type",
  "hx-boosted",
  "hx-history-restore-request",
  "hx-request",
  "origin",
  "sec-fetch-mode",
  "turbo-frame",
  "upgrade",
  "x-inertia",
  "x-requested-with",
];

/** Fields by their names in lower case, as Node.js has them. */
export type SeenFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request as an adapter sees it. */
export interface Seen {
  readonly method: string;
  /** The effective URL according to the framework's own proxy settings; empty if the request names none: HTTP/1.0 without a Host, `OPTIONS *`. */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: SeenFields;
}

// uri-host [":" port] (RFC 9110 §7.2). Anything else would move the end of the host.
const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\dA-Fa-f:.]+\])(?::\d*)?$/;

const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * The target URI (RFC 9110 §7.1) with path and query as sent, or an empty text. `target` is the request target: only the path and query of an
 * absolute-form count, never its host.
 */
export function targetUri(scheme: string, host: string | undefined, target: string): string {
  if (!/^https?$/.test(scheme) || !HOST.test(host ?? "")) return "";
  const path = ABSOLUTE_FORM.test(target) ? target.replace(ABSOLUTE_FORM, "").replace(/^(?!\/)/, "/") : target;
  return path.startsWith("/") ? `${scheme}://${host}${path}` : "";
}

/** The request of a question. `extraFields` are sent in addition to SENT_FIELDS. */
export function requestOf({ method, url, httpVersion, headers }: Seen, extraFields: readonly string[]): Loose<HttpRequestJson> {
  return {
    method,
    ...(url && { url }),
    protocol: httpVersion === "1.0" ? "http_1_0" : httpVersion.startsWith("2") ? "http_2" : "http_1_1",
    headers: sentFields(headers, extraFields),
  };
}

function sentFields(headers: SeenFields, extraFields: readonly string[]) {
  const wanted = new Set([...SENT_FIELDS, ...extraFields.map((name) => name.toLowerCase())]);
  return [...wanted].flatMap((name) => [headers[name] ?? []].flat().map((octets) => ({ name, ...valueOf(octets) })));
}

function valueOf(characters: string): { value: string } | { rawValue: string } {
  const content = contentOf(characters);
  return content.case === "value" ? { value: content.value } : { rawValue: btoa(characters) };
}

/** Whether a path is one of `prefixes` or below it, split at segments as a policy's path_prefix. A path with dot segments is below no other path. */
export function isBelow(url: string, prefixes: readonly string[]): boolean {
  const path = /^https?:\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? "";
  if (/(?:^|[/\\])(?:\.|%2e){1,2}(?:$|[/\\])/i.test(path)) return false;
  return prefixes.some((prefix) => path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`));
}

/** No rule answers CONNECT, TRACE or a CORS preflight. */
export const isUnruled = ({ method, headers }: Seen): boolean =>
  method === "CONNECT" || method === "TRACE" || (method === "OPTIONS" && headers["access-control-request-method"] !== undefined);

/** X-Forwarded-Proto if it contradicts the URL; otherwise nothing. */
export function contradiction({ url, headers }: Seen): string {
  const said = [headers["x-forwarded-proto"] ?? []]
    .flat()
    .join(",")
    .toLowerCase()
    .split(",")
    .map((scheme) => scheme.trim());
  const other = said.find((scheme) => scheme === "http" || scheme === "https");
  return url && other && !said.some((scheme) => url.startsWith(`${scheme}://`)) ? other : "";
}
