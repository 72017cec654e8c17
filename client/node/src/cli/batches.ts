// --input: every line a question, every line of the output its answer or its error.
import { createReadStream } from "node:fs";

import { create, isMessage, type Message } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import type { ServiceError } from "@grpc/grpc-js";

import { FingerpostError } from "../errors.js";
import { ErrorReason, ErrorSchema, type Error as ErrorMessage } from "../gen/fingerpost/v1/answer_pb.js";
import { DecideRequestSchema, DecideResponseSchema, type DecideRequest } from "../gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema, type FollowRequest } from "../gen/fingerpost/v1/follow_pb.js";
import { BatchDecideRequestSchema, BatchFollowRequestSchema, type DecideResult, type FollowResult } from "../gen/fingerpost/v1/redirect_service_pb.js";
import { message } from "../questions.js";
import type { Stub } from "../stub.js";
import { described, errorLine, errorMessage, isAboutTheQuestion, line } from "./json.js";

// Enough to make the cost of a call small beside that of its questions.
const BATCH = 256;
// A question at the limits of its fields is far smaller; a longer line is a mistake.
const LONGEST_LINE = 4 << 20;

type Question = DecideRequest | FollowRequest;
type Result = (DecideResult | FollowResult)["result"];
export type Ask = (questions: readonly Question[]) => Promise<readonly Result[]>;

export interface Output {
  write(text: string): Promise<void>;
  complain(text: string): void;
}

/** The exit status. */
export async function answerAll(ask: Ask, command: "decide" | "follow", path: string, output: Output): Promise<number> {
  let failed = false;
  try {
    for await (const lines of batches(path === "-" ? process.stdin : createReadStream(path))) {
      const read = lines.map((text) => questionOf(text, command));
      const { results, lost } = await askInHalves(ask, read.filter((one) => !isMessage(one, ErrorSchema)) as Question[]);
      const came = results[Symbol.iterator]();
      let out = "";
      for (const one of read) {
        const result: Result = isMessage(one, ErrorSchema) ? { case: "error", value: one } : (came.next().value ?? { case: undefined });
        if (result.case === undefined) break; // No answer came; what was answered before is written.
        failed ||= result.case === "error";
        out += result.case === "error" ? errorLine(result.value) : `${answerLine(result.value)}\n`;
      }
      await output.write(out);
      if (lost) return output.complain(described(lost)), 3;
    }
  } catch (error) {
    const { code, syscall, message: text } = error as NodeJS.ErrnoException;
    if (!syscall || code === "EPIPE") throw error;
    const why = /^\w+: (.)([^,]*)/.exec(text);
    output.complain(`cannot read ${path === "-" ? "standard input" : path}: ${why ? why[1]!.toUpperCase() + why[2]! : text}`);
    return 4;
  }
  return failed ? 1 : 0;
}

const answerLine = (answer: Message): string =>
  isMessage(answer, DecideResponseSchema) ? line(DecideResponseSchema, answer) : line(FollowResponseSchema, answer as never);

// Lines as they come, at most BATCH at once: a conversation is answered line by line.
async function* batches(input: AsyncIterable<Buffer | string>): AsyncGenerator<string[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    const octets = Buffer.concat([rest, Buffer.from(chunk as string)]);
    const end = octets.lastIndexOf(10) + 1;
    rest = octets.subarray(end);
    const lines = octets.subarray(0, end).toString().split("\n").slice(0, -1);
    for (let i = 0; i < lines.length; i += BATCH) yield lines.slice(i, i + BATCH);
  }
  if (rest.length > 0) yield [rest.toString()];
}

// A message, or the line's error.
function questionOf(text: string, command: "decide" | "follow"): Question | ErrorMessage {
  try {
    if (text.length > LONGEST_LINE) throw malformed(`expected at most ${LONGEST_LINE} octets a line`);
    const json = object(text);
    const question = command === "decide" ? message(DecideRequestSchema, json) : message(FollowRequestSchema, json);
    question.now ??= timestampNow();
    return question;
  } catch (error) {
    return errorMessage(error as FingerpostError);
  }
}

const malformed = (text: string) => new FingerpostError("INVALID_ARGUMENT", text, "MALFORMED_JSON");

function object(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(`expected a JSON object; ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("expected a JSON object");
  return value;
}

// Asks in halves when the server finds the questions too many or too large. `lost`: the server does not answer; `results` came before.
async function askInHalves(ask: Ask, questions: readonly Question[]): Promise<{ results: readonly Result[]; lost?: ErrorMessage }> {
  if (questions.length === 0) return { results: [] };
  try {
    const results = await ask(questions);
    if (results.length === questions.length) return { results };
    const text = `the server gave ${results.length} answers to ${questions.length} questions`;
    return { results: [], lost: create(ErrorSchema, { code: "INTERNAL", message: text }) };
  } catch (failed) {
    const error = errorMessage(failed as FingerpostError);
    const tooMuch = error.reason !== ErrorReason.OVERLOADED && (isAboutTheQuestion(error) || error.code === "RESOURCE_EXHAUSTED");
    if (!tooMuch) return { results: [], lost: error };
    if (questions.length === 1) return { results: [{ case: "error", value: error }] };
    const middle = questions.length >> 1;
    const first = await askInHalves(ask, questions.slice(0, middle));
    if (first.lost) return first;
    const second = await askInHalves(ask, questions.slice(middle));
    return { ...second, results: [...first.results, ...second.results] };
  }
}

/** Asks a server with the RPC for many questions. */
export function asking(stub: Stub, command: "decide" | "follow", timeoutMs: number): Ask {
  return (questions) =>
    new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: { results: readonly (DecideResult | FollowResult)[] }) =>
        error ? reject(FingerpostError.of(error)) : resolve(answer!.results.map(({ result }) => result));
      const options = { deadline: Date.now() + timeoutMs };
      if (command === "decide") stub.batchDecide(create(BatchDecideRequestSchema, { requests: questions as DecideRequest[] }), options, done);
      else stub.batchFollow(create(BatchFollowRequestSchema, { requests: questions as FollowRequest[] }), options, done);
    });
}
