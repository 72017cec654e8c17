/**
 * A fake for your own tests: no server, no network. `new FakeClient()` goes wherever a Client goes.
 *
 * It answers from golden rows (client/README.md, "Fakes"): first from yours, then from the package's, which are the service's own answers for every
 * purpose. A question that no row fits is an error that shows the question: a fake never guesses.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { toJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";

import { Client, type ClientOptions } from "./client.js";
import { FingerpostError } from "./errors.js";
import { DecideRequestSchema, DecideResponseSchema, type DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema, type FollowRequest } from "./gen/fingerpost/v1/follow_pb.js";
import { message } from "./questions.js";
import { goldenRows } from "./assets.js";
import { withoutUserinfo } from "./secrets.js";
import { plaintext } from "./transport.js";

/** A row of the corpus' format (tests/golden/README.md): a question, and what must hold of its answer. */
export interface Row {
  readonly decide?: unknown;
  readonly follow?: unknown;
  readonly expect: object;
  /** Modifiers of the intent that make no difference. */
  readonly ignored_modifiers?: readonly string[];
  readonly [other: string]: unknown;
}

/** Rows, or the path of a JSON file with a list of them, or of a directory of such files. */
export type Rows = readonly Row[] | string;
type Question = DecideRequest | FollowRequest;
type Found = Record<string, string>;

/** No row fits the question. */
export class NoRow extends Error {
  override readonly name = "NoRow";
}

export class FakeClient extends Client {
  /** The questions that were asked, in order. */
  readonly questions: Question[] = [];
  /** What every call meets, when it is set. */
  error: FingerpostError | undefined;
  readonly #rows: readonly Golden[];

  constructor(rows: Rows = [], options: ClientOptions = {}) {
    super("fake", plaintext(), options);
    this.#rows = [...read(rows), ...(JSON.parse(goldenRows()) as Row[])].flatMap((row) => golden(row) ?? []);
  }

  /** A fake is always there. */
  override async ready(): Promise<boolean> {
    return true;
  }

  /** @internal */
  protected override async connected(): Promise<void> {}

  /** @internal */
  protected override async call(method: "decide" | "follow", request: Question): Promise<never> {
    this.questions.push(request);
    if (this.error) throw this.error;
    const asked = asJson(request);
    for (const row of this.#rows) {
      const found = row.method === method ? fits(row, asked) : undefined;
      if (found) return answer(row, asked, found) as never;
    }
    throw new NoRow(`no golden row fits this question; give FakeClient one for it: ${JSON.stringify(asked)}`);
  }
}

interface Golden {
  readonly method: "decide" | "follow";
  readonly question: JsonObject;
  readonly expect: JsonObject;
  readonly ignored: ReadonlySet<string>;
}

function golden(row: Row): Golden | undefined {
  const method = row.decide === undefined ? "follow" : "decide";
  const schema = row.decide === undefined ? FollowRequestSchema : DecideRequestSchema;
  try {
    const asked = message<typeof DecideRequestSchema | typeof FollowRequestSchema>(schema, row[method]) as Question;
    if (method === "follow" && asked.request) asked.request.url = withoutUserinfo(asked.request.url); // As clients ask.
    return { method, question: asJson(asked), expect: row.expect as JsonObject, ignored: new Set(row.ignored_modifiers) };
  } catch (error) {
    if ("error" in row.expect) return undefined; // A row about what is no message at all: no client ever asks it.
    throw error;
  }
}

function read(rows: Rows): readonly Row[] {
  if (typeof rows !== "string") return rows;
  const files = statSync(rows).isDirectory()
    ? (readdirSync(rows, { recursive: true }) as string[]).filter((name) => name.endsWith(".json")).sort().map((name) => join(rows, name))
    : [rows];
  return files.flatMap((file) => JSON.parse(readFileSync(file, "utf8")) as Row[]);
}

function asJson(question: Question): JsonObject {
  const options = { useProtoFieldName: true };
  return (question.$typeName === "fingerpost.v1.DecideRequest" ? toJson(DecideRequestSchema, question, options) : toJson(FollowRequestSchema, question, options)) as JsonObject;
}

const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
const lines = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

// The texts of the wildcards.
function fits(row: Golden, asked: JsonObject): Found | undefined {
  const found: Found = {};
  const pattern = row.question;
  const intent = object(pattern.intent);
  const wished = Object.fromEntries(Object.entries(object(asked.intent)).filter(([key]) => key in intent || !row.ignored.has(key)));
  const same =
    ["request", "response"].every((part) => includes(object(pattern[part]), object(asked[part]), found)) &&
    equal(intent, wished, found) &&
    ["intent_name", "parameters"].every((part) => equal(pattern[part], asked[part], found)) &&
    includes(object(pattern.options), object(asked.options), found);
  return same ? found : undefined;
}

// Every member that the row writes is there; of headers every line.
function includes(pattern: JsonObject, value: JsonObject, found: Found): boolean {
  return Object.entries(pattern).every(([key, part]) =>
    key === "headers"
      ? lines(part).every((line) => lines(value.headers).some((one) => sameLine(line, one, found)))
      : equal(part, value[key], found));
}

// A line without a value is a secret that the client kept: no row can know it.
function sameLine(pattern: JsonObject, line: JsonObject, found: Found): boolean {
  const wanted = Object.keys(line).length > 1 ? pattern : {};
  return equal({ ...wanted, name: String(pattern.name).toLowerCase() }, { ...line, name: String(line.name).toLowerCase() }, found);
}

function equal(pattern: JsonValue | undefined, value: JsonValue | undefined, found: Found): boolean {
  if (isObject(pattern) && isObject(value)) {
    return Object.keys(pattern).length === Object.keys(value).length && Object.entries(pattern).every(([key, part]) => key in value && equal(part, value[key], found));
  }
  if (Array.isArray(pattern) && Array.isArray(value)) return pattern.length === value.length && pattern.every((part, i) => equal(part, value[i], found));
  if (typeof pattern === "string" && typeof value === "string" && pattern.includes("${")) return matches(pattern, value, found);
  return pattern === value;
}

function matches(pattern: string, text: string, found: Found): boolean {
  const literal = (piece: string) => piece.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&");
  const seen = new Set<string>();
  const expression = pattern.split(/\$\{(\w+)\}/).map((piece, i) => {
    if (i % 2 === 0) return literal(piece);
    if (piece in found) return literal(found[piece]!);
    if (seen.has(piece)) return `\\k<${piece}>`;
    seen.add(piece);
    return `(?<${piece}>(?![/\\\\]).*?)`;
  });
  const match = new RegExp(`^${expression.join("")}$`, "s").exec(text);
  if (match) Object.assign(found, match.groups);
  return match !== null;
}

function substituted(value: JsonValue, found: Found): JsonValue {
  if (Array.isArray(value)) return value.map((item) => substituted(item, found));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substituted(item, found)]));
  if (typeof value !== "string") return value;
  return value.replace(/\$\{(\w+)(:encoded)?\}/g, (text, name: string, coded) => (name in found ? (coded ? encoded(found[name]!) : found[name]!) : text));
}

// Percent-encoded but for unreserved characters (RFC 3986 §2.3).
const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function answer(row: Golden, asked: JsonObject, found: Found) {
  const expect = substituted(row.expect, found) as JsonObject;
  if (expect.error) {
    const { code = "INVALID_ARGUMENT", reason = "", violations = [] } = expect.error as { code?: string; reason?: string; violations?: string[] };
    throw new FingerpostError(code, "as its golden row says", reason.toUpperCase(), violations.map((field) => ({ field, description: "" })));
  }
  return row.method === "decide" ? message(DecideResponseSchema, decided(expect, asked)) : message(FollowResponseSchema, followed(expect));
}

const warnings = (expect: JsonObject) => lines(expect.warnings).map((code) => ({ code: code as unknown as string }));

function decided({ fields, stays_on, explanation, ...expect }: JsonObject, asked: JsonObject): JsonObject {
  const status = Number(expect.status ?? 0);
  const redirect = status >= 300 && status <= 399;
  const made: JsonObject = {
    outcome: redirect ? "redirect" : status ? "respond" : "pass", headers: fieldLines(object(fields)), ...expect, warnings: warnings(expect),
  };
  const named = lines(made.headers).some((line) => String(line.name).toLowerCase() === "location") || "Location" in object(fields);
  if (redirect && status !== 300 && !named) {
    made.headers = [{ name: "Location", value: expect.target ?? object(asked.intent).target ?? "" }, ...lines(made.headers)];
  }
  return made;
}

function followed(expect: JsonObject): JsonObject {
  const made = { ...Object.fromEntries(Object.entries(expect).filter(([, value]) => value !== null)), warnings: warnings(expect) } as JsonObject;
  if (isObject(made.next)) {
    const { fields, ...next } = made.next;
    made.next = { headers: fieldLines(object(fields)), ...next };
  }
  return made;
}

// Of a row's fields null is no such field, and true one whose value is withheld.
function fieldLines(fields: JsonObject): JsonObject[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (value === null ? [] : [value].flat()).map((one) => (one === true ? { name } : { name, value: one as JsonValue })));
}
