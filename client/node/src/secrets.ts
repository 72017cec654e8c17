// Secrets stay where they are (client/README.md, 6): the service sees that a field is there, and never its value.
import { clone } from "@bufbuild/protobuf";

import { malformed } from "./errors.js";
import { ChangeKind, FollowRequestSchema, type FollowRequest, type FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { Header } from "./gen/fingerpost/v1/http_pb.js";

// RFC 9110 §11.6.2 and §11.7.2.
const ALWAYS = ["authorization", "proxy-authorization"];

// What stands before the last "@" of the authority, where a URL parser looks for it (URL Standard, 4.4).
const USERINFO = /^([^:/\\?#]*:[/\\]*)[^/\\?#]+@/;

const nameOf = (line: Header): string => line.name.toLowerCase();

/** `url` with "-" for a user name and a password: the service learns that they were there. */
export const withoutUserinfo = (url: string): string => url.replace(USERINFO, "$1-@");

/** `question` as it travels. */
export function withheld(question: FollowRequest): FollowRequest {
  const secret = new Set([...ALWAYS, ...(question.options?.secretFields ?? []).map((name) => name.toLowerCase())]);
  // The service needs Cookie's value only to join it with the cookies that it keeps.
  const keepsCookies = (question.chain?.cookies.length ?? 0) > 0 || (question.response?.headers ?? []).some((line) => nameOf(line) === "set-cookie");
  if (!keepsCookies) secret.add("cookie");
  const sent = clone(FollowRequestSchema, question);
  if (sent.request) sent.request.url = withoutUserinfo(sent.request.url);
  for (const line of sent.request?.headers ?? []) if (secret.has(nameOf(line))) line.content = { case: undefined };
  return sent;
}

/** Gives the fields of the next request the values that they had, as the changes say. Throws FingerpostError for changes of fields that are none. */
export function putBack(question: FollowRequest, { changes, result }: FollowResponse): void {
  const before = question.request?.headers ?? [];
  const dropped = new Set<number>();
  for (const { kind, index } of changes) {
    const known = kind === ChangeKind.FIELD_DROPPED || kind === ChangeKind.FIELD_REWRITTEN;
    if (known && index >= before.length) throw malformed("a change of a field that is none");
    if (kind === ChangeKind.FIELD_DROPPED) dropped.add(index);
  }
  if (result.case !== "next") return;
  const kept = before.filter((_, index) => !dropped.has(index));
  for (const line of result.value.headers) {
    const at = line.content.case === undefined ? kept.findIndex((one) => nameOf(one) === nameOf(line)) : -1;
    if (at >= 0) line.content = kept.splice(at, 1)[0]!.content;
  }
}
