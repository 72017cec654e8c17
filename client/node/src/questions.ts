// From plain objects to the protobuf messages: protobuf JSON, with short enum names ("form_result").
import { create, fromJson, isMessage, ScalarType, type DescField, type DescMessage, type JsonValue, type MessageShape } from "@bufbuild/protobuf";

import { FingerpostError, type Violation } from "./errors.js";
import type { DecideRequest, DecideRequestJson } from "./gen/fingerpost/v1/decide_pb.js";
import type { FollowRequest, FollowRequestJson } from "./gen/fingerpost/v1/follow_pb.js";
import { HeaderSchema, type Header } from "./gen/fingerpost/v1/http_pb.js";
import type { IntentJson } from "./gen/fingerpost/v1/intent_pb.js";
import { expectedName, findValue, hint } from "./names.js";
import { characters, contentOf } from "./octets.js";

type Prefix<E> = E extends `${infer P}UNSPECIFIED` ? P : never;
type Short<E, P extends string> = E extends `${P}${infer Rest}` ? Lowercase<Rest> : never;
type Snake<S> = S extends `${infer First}${infer Rest}`
  ? First extends Lowercase<First>
    ? `${First}${Snake<Rest>}`
    : `_${Lowercase<First>}${Snake<Rest>}`
  : S;

// Members that accept more than their JSON form. The JSON of a Duration and a Timestamp is a text, so only the member's name identifies them.
type Wider<K> = K extends "url" | "target" | "fallbackTarget"
  ? URL
  : K extends "maxAge" | "sharedMaxAge" | "retryAfter" | "wait"
    ? number
    : K extends "from" | "until" | "now" | "expires"
      ? Date
      : never;

/**
 * Protobuf JSON as people write it: enum names in full or short, members in camelCase or snake_case. A URL may be a `URL`, a duration a number of
 * seconds (`5` for `"5s"`), an instant a `Date`.
 */
export type Loose<T> = [T] extends [string]
  ? [Prefix<T>] extends [never]
    ? T
    : T | Short<T, Prefix<T>>
  : T extends readonly (infer Item)[]
    ? readonly Loose<Item>[]
    : T extends object
      ? { readonly [K in keyof T as K | Snake<K>]?: Loose<Exclude<T[K], undefined>> | Wider<K> }
      : T;

/** A DecideRequest, or its JSON form. */
export type DecideQuestion = DecideRequest | Loose<DecideRequestJson>;
/** A FollowRequest, or its JSON form. */
export type FollowQuestion = FollowRequest | Loose<FollowRequestJson>;
/** `"form_result"` and the other purposes. */
export type Purpose = NonNullable<Loose<IntentJson>["purpose"]>;

/** `question` as a message of that kind. Throws FingerpostError with code INVALID_ARGUMENT and every fault that was found. */
export function message<Desc extends DescMessage>(schema: Desc, question: unknown): MessageShape<Desc> {
  if (isMessage(question, schema)) return question;
  const violations: Violation[] = [];
  const json = spelledOut(question, schema, "", violations);
  if (violations.length > 0) throw new FingerpostError("INVALID_ARGUMENT", "the question is not a question", "INVALID_FIELDS", violations);
  try {
    return fromJson(schema, json);
  } catch (error) {
    throw new FingerpostError("INVALID_ARGUMENT", (error as Error).message, "MALFORMED_JSON");
  }
}

/** A field line from a library's value, one character for each octet; `null` is withheld. */
export function fieldLine(name: string, octets: string | null): Header {
  const line = create(HeaderSchema, { name });
  if (octets !== null) line.content = contentOf(octets);
  return line;
}

/** The value of a field line, one character for each octet; `null` when it is withheld. */
export function octetsOf(line: Header): string | null {
  return line.content.case === undefined ? null : characters(line.content.value);
}

// Two letters that changed places count as this many wrong ones: "flahs".
const TRANSPOSED = 2;

// The same JSON with its enum names in full; notes unknown members and names, and faulty texts.
function spelledOut(value: unknown, kind: DescMessage, path: string, faults: Violation[]): JsonValue {
  if (kind.typeName === "google.protobuf.Duration" && typeof value === "number" && Number.isFinite(value)) return `${value.toFixed(9)}s`;
  if (value instanceof Date && kind.typeName === "google.protobuf.Timestamp" && !Number.isNaN(value.valueOf())) return value.toISOString();
  if (kind.typeName.startsWith("google.protobuf.")) return value as JsonValue;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    faults.push({ field: path, description: "expected an object" });
    return null;
  }
  const out: Record<string, JsonValue> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const at = path ? `${path}.${key}` : key;
    const field = kind.fields.find((f) => f.name === key || f.jsonName === key);
    if (field) out[key] = member(item, field, at, faults);
    else
      faults.push({
        field: at,
        description: `unknown field${
          hint(
            key,
            kind.fields.flatMap((f) => [f.name, f.jsonName]),
            TRANSPOSED,
          ) || `; expected one of ${kind.fields.map((f) => f.name).join(", ")}`
        }`,
      });
  }
  return out;
}

function member(value: unknown, field: DescField, path: string, faults: Violation[]): JsonValue {
  if (value === null) return null;
  if (field.fieldKind === "list") {
    if (!Array.isArray(value)) return value as JsonValue; // fromJson says what is wrong.
    return value.map((item, i) => single(item, field, `${path}[${i}]`, faults));
  }
  if (field.fieldKind !== "map") return single(value, field, path, faults);
  if (typeof value !== "object" || Array.isArray(value)) return value as JsonValue;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, single(item, field, `${path}.${key}`, faults)]));
}

function single(value: unknown, { enum: names, message: kind, scalar }: DescField, path: string, faults: Violation[]): JsonValue {
  if (kind) return spelledOut(value, kind, path, faults);
  if (scalar === ScalarType.STRING) return textOf(value, path, faults);
  if (!names || typeof value !== "string") return value as JsonValue;
  const known = findValue(names, value);
  if (!known) faults.push({ field: path, description: expectedName(names, value) });
  return known?.name ?? null;
}

// A visitor chooses the type of `req.query.next`: an array for `?next=a&next=b`, or half a character in a JSON body.
function textOf(value: unknown, path: string, faults: Violation[]): string {
  const text = value instanceof URL ? value.href : value;
  if (typeof text === "string" && !/\p{Surrogate}/u.test(text)) return text;
  faults.push({ field: path, description: typeof text === "string" ? "expected Unicode without lone surrogates" : "expected a text" });
  return "";
}
