// Secrets stay where they are (client/README.md, 6): the service sees that a field exists, but never its value.
import { clone } from "@bufbuild/protobuf";

import { malformed } from "./errors.js";
import { ChangeKind, FollowRequestSchema, Profile, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { Header } from "./gen/fingerpost/v1/http_pb.js";
import { characters } from "./octets.js";

// RFC 9110 §11.6.2 and §11.7.2.
const ALWAYS = ["authorization", "proxy-authorization"];

// Everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4).
const USERINFO = /^([^:/\\?#]*:[/\\]*)([^/\\?#]+)@/;

/** The fields that do not leave their origin, in lower case. */
export const secretNames = (declared: readonly string[] = []): ReadonlySet<string> =>
  new Set([...ALWAYS, "cookie", ...declared.map((name) => name.toLowerCase())]);

/** Whether a secret of `url`'s origin may go to `other`: it is the same origin, or both are `trusted`. Nobody else decides this. */
export function sameOrigin(url: string, other: string, trusted: readonly string[] = []): boolean {
  const [one, two] = [originOf(url), originOf(other)];
  if (one === undefined || two === undefined) return false;
  const among = trusted.map(originOf);
  return one === two || (among.includes(one) && among.includes(two));
}

// As fetch reads a URL. "null" is no origin.
function originOf(url: string): string | undefined {
  return /^https?:/i.test(url) && URL.canParse(url) ? new URL(url).origin : undefined;
}

// For userinfo that the service never saw, it adds a field without a value.
const isWithheldBasic = (line: Header): boolean => line.content.case === undefined && nameOf(line) === "authorization";

const nameOf = (line: Header): string => line.name.toLowerCase();

/** `url` with "-" for a user name and a password: the service learns that they were there. */
const withoutUserinfo = (url: string): string => url.replace(USERINFO, "$1-@");

// The Basic credentials that a client makes of its URL's userinfo (RFC 7617), percent-decoded; undefined without one.
function basicOf(url: string): Header["content"] | undefined {
  const [, , userinfo] = USERINFO.exec(url) ?? [];
  if (!userinfo) return undefined;
  const [user, ...password] = userinfo.split(":");
  const octets = (text: string) =>
    text.replace(/[^\0-\x7f]+/g, characters).replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return { case: "value", value: `Basic ${btoa(`${octets(user!)}:${octets(password.join(":"))}`)}` };
}

/** `question` as it travels. */
export function withheld(question: FollowRequest): FollowRequest {
  const declared = question.options?.secretFields ?? [];
  const secret = new Set(secretNames(declared));
  // The service needs Cookie's value only to join it with the cookies that it keeps.
  const keepsCookies = (question.chain?.cookies.length ?? 0) > 0 || (question.response?.headers ?? []).some((line) => nameOf(line) === "set-cookie");
  if (keepsCookies && !declared.some((name) => name.toLowerCase() === "cookie")) secret.delete("cookie");
  const sent = clone(FollowRequestSchema, question);
  if (sent.request) sent.request.url = withoutUserinfo(sent.request.url);
  for (const line of sent.request?.headers ?? []) if (secret.has(nameOf(line))) line.content = { case: undefined };
  return sent;
}

/**
 * Gives the fields of the next request the values that they had, as the changes say, and an Authorization that a profile makes of the URL's userinfo its
 * value, on the same origin. Throws FingerpostError for changes of fields that do not exist, and for an
 * answer that would take a secret to another origin.
 */
export function putBack(question: FollowRequest, { changes, result }: FollowResponse): void {
  const before = question.request?.headers ?? [];
  const gone = new Set<number>();
  const url = question.request?.url ?? "";
  const basic = result.case === "next" && sameOrigin(url, result.value.url) ? basicOf(url) : undefined;
  let addsBasic = false;
  for (const { kind, index, field } of changes) {
    if (kind === ChangeKind.FIELD_ADDED && basic && field && isWithheldBasic(field)) {
      field.content = basic;
      addsBasic = true;
    }
    if (kind !== ChangeKind.FIELD_DROPPED && kind !== ChangeKind.FIELD_REWRITTEN) continue;
    if (index >= before.length) throw malformed("a change of a field that does not exist");
    if (kind === ChangeKind.FIELD_DROPPED || field?.content.case !== undefined) gone.add(index);
  }
  if (result.case !== "next") return;
  const kept = before.filter((_, index) => !gone.has(index));
  const { profile = Profile.UNSPECIFIED, secretFields = [], trustedOrigins = [] } = question.options ?? {};
  // A caller that names another profile wants to learn what that client would do.
  const ours = profile === Profile.UNSPECIFIED || profile === Profile.STRICT;
  if (ours && !sameOrigin(url, result.value.url, trustedOrigins)) {
    const secret = secretNames(secretFields);
    const leaving = kept.map(nameOf).filter((name) => secret.has(name));
    // Applying the changes would send the secret there, so the answer is malformed.
    if (leaving.length > 0) throw malformed(`${leaving.join(", ")} would leave the origin`);
  }
  for (const line of result.value.headers) {
    const at = line.content.case === undefined ? kept.findIndex((one) => nameOf(one) === nameOf(line)) : -1;
    if (at >= 0) line.content = kept.splice(at, 1)[0]!.content;
    else if (addsBasic && isWithheldBasic(line)) line.content = basic!;
  }
}
