/**
 * A fake for your own tests: no server, no network. `new FakeClient(rows)` can stand in for any Client.
 *
 * A fake knows only the answers that it is given (client/README.md, "Fakes"):
 *
 *     new FakeClient([{
 *       decide: { request: { method: "POST" }, intent: { purpose: "form_result", target: "/orders/1" } },
 *       answer: { outcome: "redirect", status: 303, headers: [{ name: "Location", value: "/orders/1" }] },
 *     }]);
 *
 * A question without a row rejects with NoRow, which shows the question.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { clone, toJson, type JsonObject } from "@bufbuild/protobuf";

import { Client, type ClientOptions } from "./client.js";
import { FingerpostError } from "./errors.js";
import { ErrorReasonSchema, ErrorSchema } from "./gen/fingerpost/v1/answer_pb.js";
import { DecideRequestSchema, DecideResponseSchema, type DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema, type FollowRequest } from "./gen/fingerpost/v1/follow_pb.js";
import { nameOf } from "./names.js";
import { message } from "./questions.js";
import { withheld } from "./secrets.js";
import { plaintext } from "./transport.js";

/** A question, and the answer or the error to it, in protobuf JSON with short enum names. */
export interface Row {
  readonly decide?: unknown;
  readonly follow?: unknown;
  readonly answer?: unknown;
  readonly error?: unknown;
}

type Method = "decide" | "follow";
type Question = DecideRequest | FollowRequest;

/** No row has the question. */
export class NoRow extends Error {
  override readonly name = "NoRow";
}

export class FakeClient extends Client {
  /** The questions that were asked, in order. */
  readonly questions: Question[] = [];
  /** The error that every call meets while it is set. */
  error: FingerpostError | undefined;
  readonly #rows: readonly Known[];

  /** `rows`: a list, or the path of a JSON file with one. */
  constructor(rows: readonly Row[] | string = [], options: ClientOptions = {}) {
    super("fake", plaintext(), options);
    this.#rows = (typeof rows === "string" ? (JSON.parse(readFileSync(rows, "utf8")) as Row[]) : rows).map(known);
  }

  /** A fake is always there. */
  override async ready(): Promise<boolean> {
    return true;
  }

  /** @internal */
  protected override async connected(): Promise<void> {}

  /** @internal */
  protected override async call(method: Method, request: Question): Promise<never> {
    this.questions.push(request);
    if (this.error) throw this.error;
    const asked = asJson(request);
    const row = this.#rows.find((one) => one.method === method && fits(one.question, asked));
    if (!row) throw new NoRow(`the fake has no row for this question: ${JSON.stringify(asked)}`);
    return row.answer() as never;
  }
}

interface Known {
  readonly method: Method;
  readonly question: JsonObject;
  /** Throws the row's error. */
  answer(): unknown;
}

function known(row: Row): Known {
  if ((row.answer === undefined) === (row.error === undefined)) throw new TypeError(`expected an answer or an error in a row: ${JSON.stringify(row)}`);
  const method = row.decide === undefined ? "follow" : "decide";
  // As the client sends it.
  const question = asJson(method === "decide" ? message(DecideRequestSchema, row.decide) : withheld(message(FollowRequestSchema, row.follow)));
  if (row.answer === undefined) {
    const { code, message: detail, reason, violations } = message(ErrorSchema, row.error);
    const error = new FingerpostError(code, detail, nameOf(ErrorReasonSchema, reason), violations);
    return {
      method,
      question,
      answer: () => {
        throw error;
      },
    };
  }
  // A copy: a client completes what it is given.
  if (method === "decide") {
    const decision = message(DecideResponseSchema, row.answer);
    return { method, question, answer: () => clone(DecideResponseSchema, decision) };
  }
  const hop = message(FollowResponseSchema, row.answer);
  return { method, question, answer: () => clone(FollowResponseSchema, hop) };
}

// The question has all that the row says of request, response and options, and the same intent, name and parameters.
function fits(row: JsonObject, asked: JsonObject): boolean {
  return (
    ["request", "response", "options"].every((part) => has((asked[part] ?? {}) as JsonObject, (row[part] ?? {}) as JsonObject)) &&
    ["intent", "intent_name", "parameters"].every((part) => isDeepStrictEqual(asked[part], row[part]))
  );
}

function has(whole: JsonObject, part: JsonObject): boolean {
  return Object.entries(part).every(([key, member]) =>
    key === "headers" ? lines(part).every((line) => lines(whole).some((one) => isDeepStrictEqual(one, line))) : isDeepStrictEqual(whole[key], member),
  );
}

const lines = ({ headers }: JsonObject) => (headers ?? []) as { name: string }[];

// Names of fields in lower case (RFC 9110 §5.1).
function asJson(question: Question): JsonObject {
  const options = { useProtoFieldName: true };
  const json =
    question.$typeName === "fingerpost.v1.DecideRequest" ? toJson(DecideRequestSchema, question, options) : toJson(FollowRequestSchema, question, options);
  const { request, response } = json as Record<string, JsonObject>;
  for (const line of [...lines(request ?? {}), ...lines(response ?? {})]) line.name = line.name.toLowerCase();
  return json as JsonObject;
}
