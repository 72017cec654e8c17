// A v1.DecideResponse of the engine, read into the parts of a Decision: a whole message takes several times as long, and waits until `raw` is asked for.
import { malformed } from "./errors.js";
import { characters } from "./octets.js";

/** The members of an answer that a Decision has. */
export interface Told {
  outcome: number;
  status: number;
  headers: (readonly [name: string, value: string])[];
  body: string;
  target: string;
  reason: number;
  message: string;
  citations: string[];
  warnings: string[];
  clearCookie: string;
  rule: string;
  policyVersion: string;
}

/** Throws FingerpostError with code MALFORMED for octets that are no message. */
export function told(octets: Uint8Array): Told {
  const into = nothing();
  begin(octets);
  while (at < octets.length) {
    const tag = varint();
    switch (tag) {
      case OUTCOME:
        into.outcome = varint();
        break;
      case STATUS:
        into.status = varint();
        break;
      case HEADER:
        into.headers.push(header(part()));
        break;
      case BODY:
        into.body = text();
        break;
      case TARGET:
        into.target = text();
        break;
      case REASON:
        reason(into, part());
        break;
      case WARNING:
        into.warnings.push(warning(part()));
        break;
      case CLEAR_COOKIE:
        into.clearCookie = text();
        break;
      case RULE:
        into.rule = text();
        break;
      case POLICY_VERSION:
        into.policyVersion = text();
        break;
      default:
        skip(tag);
    }
  }
  return into;
}

const nothing = (): Told => ({
  outcome: 0,
  status: 0,
  headers: [],
  body: "",
  target: "",
  reason: 0,
  message: "",
  citations: [],
  warnings: [],
  clearCookie: "",
  rule: "",
  policyVersion: "",
});

// Tags: a field's number and its wire type, 0 for a number and 2 for what has a length.
const number = (field: number): number => field * 8;
const delimited = (field: number): number => field * 8 + 2;
const [OUTCOME, STATUS] = [number(1), number(2)];
const [HEADER, BODY, TARGET, REASON, WARNING, CLEAR_COOKIE, RULE, POLICY_VERSION] = [3, 4, 5, 6, 7, 8, 9, 10].map(delimited);
// Header, Reason and Warning.
const [NAME, VALUE, RAW_VALUE] = [delimited(1), delimited(2), delimited(3)];
const [CODE, MESSAGE, CITATION] = [number(1), delimited(2), delimited(3)];

function header(end: number): readonly [string, string] {
  let [name, value] = ["", ""];
  while (at < end) {
    const tag = varint();
    if (tag === NAME) name = text();
    else if (tag === VALUE || tag === RAW_VALUE) value = octetText();
    else skip(tag);
  }
  return [name, value];
}

function reason(into: Told, end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === CODE) into.reason = varint();
    else if (tag === MESSAGE) into.message = text();
    else if (tag === CITATION) into.citations.push(text());
    else skip(tag);
  }
}

function warning(end: number): string {
  let message = "";
  while (at < end) {
    const tag = varint();
    if (tag === MESSAGE) message = text();
    else skip(tag);
  }
  return message;
}

// What is being read. All octets become one text with a character for each, of which ASCII texts are parts.
let octets: Uint8Array = new Uint8Array();
let whole = "";
let at = 0;
const single = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

function begin(given: Uint8Array): void {
  octets = given;
  whole = single.decode(given);
  at = 0;
}

// The end of a part that begins here.
function part(): number {
  const size = varint();
  if (size > octets.length - at) throw malformed("it is no message");
  return at + size;
}

function text(): string {
  const end = part();
  const found = whole.slice(at, end);
  const start = at;
  at = end;
  return ASCII.test(found) ? found : utf8.decode(octets.subarray(start, end));
}

// A character for each octet. The decoder's "latin1" is windows-1252.
function octetText(): string {
  const end = part();
  const found = whole.slice(at, end);
  const start = at;
  at = end;
  return ASCII.test(found) ? found : characters(octets.subarray(start, end));
}

function varint(): number {
  let value = 0;
  for (let shift = 0; shift < 64; shift += 7) {
    const octet = octets[at++];
    if (octet === undefined) break;
    if (shift < 32) value |= (octet & 127) << shift;
    if (octet < 128) return value >>> 0;
  }
  throw malformed("it is no message");
}

function skip(tag: number): void {
  switch (tag & 7) {
    case 0:
      varint();
      break;
    case 2:
      at = part();
      break;
    default: // These messages have no others.
      throw malformed("it is no message");
  }
}
