// Questions in protobuf's octets, for the engine, straight from the objects that people write: over protobuf JSON and a message it takes several times as
// long as the answer.
import { isMessage, ScalarType, toBinary, type DescEnum, type DescField, type DescMessage } from "@bufbuild/protobuf";

import { findValue } from "./names.js";
import { message } from "./questions.js";

/**
 * A question, in JSON form or as a message, in octets, with `now` and, where the message has one, `draw`, if they are absent. The octets are good until the
 * next call. Throws FingerpostError with code INVALID_ARGUMENT as message() does.
 */
export function octetsOf(schema: DescMessage, question: unknown): Uint8Array {
  length = 0;
  if (isMessage(question, schema) || !members(planOf(schema), question)) {
    const octets = toBinary(schema, message(schema, question));
    length = 0;
    reserve(octets.length);
    room.set(octets);
    length = octets.length;
  }
  complete(planOf(schema), question as { now?: unknown; draw?: unknown });
  return room.subarray(0, length);
}

let room = new Uint8Array(4096);
let length = 0;
const utf8 = new TextEncoder();
const LARGEST_VARINT = 5;
const [VARINT, DELIMITED] = [0, 2];

/** Writes a value; false: it is none of the usual ones, and message() decides. */
type Write = (value: unknown) => boolean;
interface Member {
  readonly name: string;
  readonly oneof: string;
  readonly write: Write;
}
type Plan = ReadonlyMap<string, Member>;

const plans = new Map<DescMessage, Plan>();

function planOf(schema: DescMessage): Plan {
  const known = plans.get(schema);
  if (known) return known;
  const plan = new Map<string, Member>();
  plans.set(schema, plan); // First: a message may contain itself.
  for (const field of schema.fields) {
    const member = { name: field.jsonName, oneof: field.oneof?.name ?? "", write: writing(field) };
    plan.set(field.name, member).set(field.jsonName, member);
  }
  return plan;
}

function members(plan: Plan, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  let oneof = "";
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    const member = plan.get(key);
    if (!member || (key !== member.name && member.name in value)) return false;
    if (member.oneof && member.oneof === oneof) return false;
    oneof = member.oneof || oneof;
    if (!member.write(item)) return false;
  }
  return true;
}

function writing(field: DescField): Write {
  const { number } = field;
  switch (field.fieldKind) {
    case "scalar":
      return scalar(field.scalar, number);
    case "enum":
      return named(field.enum, number);
    case "message":
      return nested(field.message, number);
    case "list": {
      const one =
        field.listKind === "message" ? nested(field.message, number) : field.listKind === "enum" ? named(field.enum, number) : scalar(field.scalar, number);
      return (value) => Array.isArray(value) && value.every(one);
    }
    case "map":
      return field.mapKind === "scalar" && field.scalar === ScalarType.STRING && field.mapKey === ScalarType.STRING ? texts(number) : unusual;
  }
}

const unusual: Write = () => false;

function scalar(type: ScalarType, field: number): Write {
  if (type === ScalarType.STRING) return text(field);
  if (type === ScalarType.BOOL) return (value) => typeof value === "boolean" && numeral(field, Number(value));
  if (type === ScalarType.UINT32) return (value) => typeof value === "number" && value >>> 0 === value && numeral(field, value);
  // A negative one has ten octets.
  if (type === ScalarType.INT32) return (value) => typeof value === "number" && value >= 0 && (value | 0) === value && numeral(field, value);
  return unusual;
}

function named(names: DescEnum, field: number): Write {
  const known = new Map<unknown, number>();
  return (value) => {
    let found = known.get(value);
    if (found === undefined) {
      found = typeof value === "string" ? findValue(names, value)?.number : undefined;
      if (found === undefined) return false;
      if (known.size < 1000) known.set(value, found);
    }
    return numeral(field, found);
  };
}

function nested(schema: DescMessage, field: number): Write {
  // Durations and timestamps have forms of their own.
  if (schema.typeName.startsWith("google.protobuf.")) return unusual;
  let plan: Plan | undefined;
  return (value) => {
    const start = begun(field);
    return members((plan ??= planOf(schema)), value) && ended(start);
  };
}

function texts(field: number): Write {
  const [key, item] = [text(1), text(2)];
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    for (const [name, one] of Object.entries(value)) {
      const start = begun(field);
      if (!key(name) || !item(one)) return false;
      ended(start);
    }
    return true;
  };
}

const text = (field: number): Write => {
  return (value) => {
    const characters = value instanceof URL ? value.href : value;
    if (typeof characters !== "string") return false;
    const most = 3 * characters.length;
    reserve(most + 2 * LARGEST_VARINT);
    varint(field * 8 + DELIMITED);
    const start = length;
    varint(characters.length);
    for (let i = 0; i < characters.length; i += 1) {
      const octet = characters.charCodeAt(i);
      if (octet > 127) {
        if (/\p{Surrogate}/u.test(characters)) return false;
        length = start + 1;
        length += utf8.encodeInto(characters, room.subarray(length)).written;
        return ended(start);
      }
      room[length++] = octet;
    }
    return true;
  };
};

function numeral(field: number, value: number): boolean {
  reserve(2 * LARGEST_VARINT);
  varint(field * 8 + VARINT);
  varint(value);
  return true;
}

// A part whose length is known at its end: one octet is kept for it, and more are made where they are needed.
function begun(field: number): number {
  reserve(2 * LARGEST_VARINT);
  varint(field * 8 + DELIMITED);
  length += 1;
  return length - 1;
}

function ended(start: number): boolean {
  const size = length - start - 1;
  if (size > 127) {
    reserve(LARGEST_VARINT);
    const more = Math.ceil((32 - Math.clz32(size)) / 7) - 1;
    room.copyWithin(start + 1 + more, start + 1, length);
    const end = length + more;
    length = start;
    varint(size);
    length = end;
  } else room[start] = size;
  return true;
}

function varint(value: number): void {
  while (value > 127) {
    room[length++] = (value & 127) | 128;
    value >>>= 7;
  }
  room[length++] = value;
}

function reserve(more: number): void {
  if (length + more <= room.length) return;
  const larger = new Uint8Array(2 ** Math.ceil(Math.log2(length + more)));
  larger.set(room.subarray(0, length));
  room = larger;
}

// What the service adds to a question: the clock, and 32 random bits.
function complete(plan: Plan, question: { readonly now?: unknown; readonly draw?: unknown }): void {
  if (plan.has("draw") && question.draw == null) plan.get("draw")!.write((Math.random() * 2 ** 32) >>> 0);
  if (question.now != null) return;
  const [seconds, milliseconds] = [Math.floor(Date.now() / 1000), Date.now() % 1000];
  const start = begun(NOW);
  numeral(1, seconds);
  numeral(2, milliseconds * 1_000_000);
  ended(start);
}

// DecideRequest.now and FollowRequest.now.
const NOW = 5;
