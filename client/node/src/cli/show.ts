// Answers as a person reads them.
import { toJson } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";

import { Outcome, ReasonCodeSchema, type DecideRequest, type DecideResponse, type Explanation, type StatusFacts } from "../gen/fingerpost/v1/decide_pb.js";
import {
  ChangeKind, ProfileSchema, StopReasonSchema, type Change, type FollowRequest, type FollowResponse,
} from "../gen/fingerpost/v1/follow_pb.js";
import { Body, Protocol, type Header, type HttpRequest } from "../gen/fingerpost/v1/http_pb.js";
import { shortName } from "../names.js";
import { cited, Page, type Row } from "./page.js";

const VERSIONS: Readonly<Record<number, string>> = { [Protocol.HTTP_1_0]: "HTTP/1.0", [Protocol.HTTP_2]: "HTTP/2", [Protocol.HTTP_3]: "HTTP/3" };
const versionOf = (protocol: Protocol) => VERSIONS[protocol] ?? "HTTP/1.1";
// Of the statuses that Decide answers with (RFC 9110 §15).
const PHRASES: Readonly<Record<number, string>> = {
  200: "OK", 201: "Created", 202: "Accepted", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
  307: "Temporary Redirect", 308: "Permanent Redirect", 401: "Unauthorized", 405: "Method Not Allowed", 410: "Gone", 422: "Unprocessable Content",
};

export function showDecide({ request }: DecideRequest, answer: DecideResponse): string {
  const page = new Page();
  verdict(request?.protocol ?? 0, answer, page);
  page.blank();
  const { code = 0, message = "", citations = [] } = answer.reason ?? {};
  page.note("reason", `${shortName(ReasonCodeSchema, code)}: ${cited(message, citations)}`);
  if (answer.rule) page.note("rule", answer.rule);
  if (answer.clearCookie) page.note("afterwards", `Set-Cookie: ${answer.clearCookie}`);
  page.warnings(answer.warnings);
  if (answer.explanation) explain(answer.explanation, page);
  return page.text();
}

export function showFollow({ request }: FollowRequest, answer: FollowResponse): string {
  const page = new Page();
  if (answer.result.case === "next") {
    showNext(answer.result.value, page);
    page.blank();
  } else {
    const { error = false, reason = 0, message = "", citations = [] } = answer.result.value ?? {};
    page.line(error ? "bad" : "good", error ? "STOP: do not go on, and fail" : "STOP: this response is the result");
    page.blank();
    page.note("reason", `${shortName(StopReasonSchema, reason)}: ${cited(message, citations)}`);
  }
  page.table(answer.changes.map((change) => row(request?.method ?? "", change)));
  if (answer.wait) page.note("wait", toJson(DurationSchema, answer.wait));
  page.warnings(answer.warnings);
  return page.text();
}

function verdict(protocol: Protocol, answer: DecideResponse, page: Page): void {
  switch (answer.outcome) {
    case Outcome.FORWARD:
      return page.line("good", `FORWARD: send no redirect; hand the request to ${answer.target} yourself`);
    case Outcome.PASS:
      return page.line("good", "PASS: no redirect; answer the request as if nothing had been asked");
    case Outcome.REFUSE:
      return page.line("bad", "REFUSE: do not send this redirect");
    default: {
      // HTTP/2 and HTTP/3 have no reason phrase (RFC 9113 §8.3.2).
      const phrase = versionOf(protocol).startsWith("HTTP/1") ? PHRASES[answer.status] : undefined;
      page.line("good", [versionOf(protocol), answer.status, phrase].filter((part) => part !== undefined).join(" "));
      answer.headers.forEach((header) => page.field(header));
      if (answer.body) page.blank();
      page.content(answer.body);
    }
  }
}

function explain({ facts, trace, forecasts }: Explanation, page: Page): void {
  if (facts) {
    page.blank();
    showFacts(facts, page);
  }
  if (trace.length > 0) page.blank();
  for (const { rule, detail, matched, citations } of trace) {
    page.note(matched ? "applied" : "not", cited(detail ? `${rule}: ${detail}` : rule, citations), matched ? "good" : "dim");
  }
  if (forecasts.length > 0) page.blank();
  for (const { profile, result } of forecasts) {
    const does = result.case === "next" ? `${result.value.method} ${result.value.url}` : `stops: ${shortName(StopReasonSchema, result.value?.reason ?? 0)}`;
    page.note("client", `${shortName(ProfileSchema, profile).padEnd(21)} ${does}`);
  }
}

function showFacts(facts: StatusFacts, page: Page): void {
  page.note("code", `${facts.status} ${facts.phrase}`);
  const leads = facts.status >= 300 && facts.status <= 399;
  const ofRedirects = [
    [facts.permanent, "permanent: the client may use the new URL from now on", "temporary"],
    [facts.keepsMethod, "the client repeats the request's method", "the client does not repeat the request's method"],
  ] as const;
  if (!leads && facts.permanent) page.note("", "permanent: it does not come back");
  const notAgain = facts.processed ? "the same request must not be sent again" : "the same request would get the same answer";
  for (const [holds, yes, no] of [
    ...(leads ? ofRedirects : []),
    [facts.processed, "the request has been processed", "the request has not been processed"],
    [facts.mayBeRepeated, "the same request may be sent again, to the target", notAgain],
    [facts.heuristicallyCacheable, "may be stored without explicit freshness", "is only stored with explicit freshness"],
  ] as const) {
    page.note("", holds ? yes : no);
  }
  if (facts.crawlers) page.note("", `search engines: ${facts.crawlers}`);
}

// Request line and fields as they go to the server (RFC 9112 §3.2.1). The service has parsed and written the URL.
function showNext(request: HttpRequest, page: Page): void {
  const [, host, path = request.url, query = ""] = /^https?:\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/.exec(request.url) ?? [];
  page.line("bold", `${request.method} ${path}${query === "?" ? "" : query} ${versionOf(request.protocol)}`);
  if (host !== undefined && !request.headers.some(({ name }) => name.toLowerCase() === "host")) {
    page.field({ name: "Host", content: { case: "value", value: host } } as Header);
  }
  request.headers.forEach((header) => page.field(header));
  if (request.body === Body.REPLAYABLE || request.body === Body.ONE_SHOT) {
    page.blank();
    page.content("(the same content)");
  }
}

// What changed, in a few words.
function row(method: string, { kind, field, value, message, citations }: Change): Row {
  const why = cited(message, citations);
  const made = (style: Row["style"], label: string, what: string | Uint8Array): Row => ({ style, label, what: Buffer.from(what as string), why });
  const name = field?.name ?? "";
  switch (kind) {
    case ChangeKind.METHOD:
      return made("warning", "method", `${method} -> ${value}`);
    case ChangeKind.URL:
      return made("good", "url", value);
    case ChangeKind.BODY_DROPPED:
      return made("warning", "content", "dropped");
    case ChangeKind.FIELD_DROPPED:
      return made("bad", "dropped", name);
    case ChangeKind.FIELD_REWRITTEN:
      return made("warning", "rewritten", fieldText(field));
    case ChangeKind.FIELD_ADDED:
      return made("good", "added", fieldText(field));
    default:
      return made("warning", "changed", name);
  }
}

const fieldText = (field: Header | undefined): Uint8Array =>
  Buffer.concat([Buffer.from(`${field?.name}: `), Buffer.from((field?.content.value as string | undefined) ?? "(withheld)")]);
