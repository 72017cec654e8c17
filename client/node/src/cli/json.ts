// Messages as the fingerpost command writes them: one line, snake_case, full enum names, what drives a terminal escaped.
import { create, toJson, type DescMessage, type JsonValue, type MessageShape } from "@bufbuild/protobuf";

import type { FingerpostError } from "../errors.js";
import { ErrorReasonSchema, ErrorSchema, type Error as ErrorMessage } from "../gen/fingerpost/v1/answer_pb.js";
import { findValue } from "../names.js";
import { isDeceptive } from "./text.js";

/** There is no answer, but this. */
export class Fault extends Error {
  constructor(readonly error: ErrorMessage) {
    super(error.message);
  }
}

/** Without a line break. */
export function line<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): string {
  const text = JSON.stringify(mapsSorted(toJson(schema, message, { useProtoFieldName: true }), schema));
  // JSON.stringify has shorter escapes for some controls, and leaves others as they are.
  const escapes = text.replace(/\\([bfrt])|\\./g, (found, short: string | undefined) => (short ? SHORT[short as keyof typeof SHORT] : found));
  return [...escapes].map((c) => (isDeceptive(c.codePointAt(0)!) ? `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}` : c)).join("");
}

const SHORT = { b: "\\u0008", f: "\\u000c", r: "\\u000d", t: "\\u0009" };

// Members of maps by their names, so that equal messages are equal text.
function mapsSorted(value: JsonValue, schema: DescMessage): JsonValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  for (const field of schema.fields) {
    const member = value[field.name];
    if (member === undefined) continue;
    if (field.fieldKind === "map") value[field.name] = Object.fromEntries(Object.entries(member as object).sort(([a], [b]) => (a < b ? -1 : 1)));
    else if (field.message) [member].flat().forEach((one) => mapsSorted(one as JsonValue, field.message));
  }
  return value;
}

/** `{"error":{...}}` with its line break. */
export const errorLine = (error: ErrorMessage): string => `{"error":${line(ErrorSchema, error)}}\n`;

export function errorMessage({ code, reason, detail, violations }: FingerpostError): ErrorMessage {
  return create(ErrorSchema, { code, message: detail, violations: [...violations], reason: findValue(ErrorReasonSchema, reason)?.number ?? 0 });
}

/** Every wrong field with what was expected, or the code and the sentence. */
export function described({ code, message, violations }: ErrorMessage): string {
  if (violations.length === 0) return `${code}: ${message}`;
  return violations.map(({ field, description }) => (field ? `${field}: ${description}` : description)).join("; ");
}

export const isAboutTheQuestion = ({ code }: ErrorMessage): boolean => ["INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED"].includes(code);
