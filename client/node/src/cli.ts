#!/usr/bin/env node
// `npx fingerpost`: questions to a server as lines of JSON, its answers as lines of JSON.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { toJson, type JsonValue } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";

import { version } from "./assets.js";
import { Client } from "./client.js";
import { FingerpostError } from "./errors.js";
import { DecideRequestSchema, DecideResponseSchema } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, FollowResponseSchema } from "./gen/fingerpost/v1/follow_pb.js";
import { message } from "./questions.js";
import { ofStatus } from "./status.js";
import { plaintext, tls, type TlsOptions } from "./transport.js";

const [ANSWERED, WRONG_QUESTION, USAGE, NO_SERVER, INPUT_OUTPUT] = [0, 1, 2, 3, 4] as const;
const HELP = `Questions to a server as lines of JSON, its answers as lines of JSON.
Usage: fingerpost decide --server HOST:PORT [FLAG...] [DecideRequest...]   what to send
       fingerpost follow --server HOST:PORT [FLAG...] [FollowRequest...]   what to request next
       fingerpost health --server HOST:PORT [FLAG...]                      whether the server takes requests
Without questions among the arguments, each line of standard input is one.

  --insecure         without TLS to a server on another machine
  --tls              with TLS, trusting the authorities that Node.js trusts
  --tls-ca FILE      authorities to trust, PEM
  --tls-cert FILE    this client's certificate, PEM
  --tls-key FILE     the key of --tls-cert, PEM
  --tls-name NAME    the name in the server's certificate; default: HOST
  --timeout SECONDS  longest wait for an answer; default: 5

Exit status: 0 all is answered; 1 a question is wrong, and its line is the error; 2 the command line is wrong;
3 the server gave no answer, or is not serving; 4 the input cannot be read, or the output cannot be written.

The C++ program fingerpost is the tool: it takes questions as flags, prints answers for people, answers without a
server, checks policies and traces chains. This stub only asks a server.
`;
const LOCAL = /^(unix(-abstract)?:|(localhost|127(\.\d{1,3}){3}|\[::1\])(:|$))/;
const FLAGS = { help: "boolean", version: "boolean", insecure: "boolean", tls: "boolean", server: "string", timeout: "string" } as const;
const TLS_FLAGS = { "tls-ca": "string", "tls-cert": "string", "tls-key": "string", "tls-name": "string" } as const;

type Ask = (line: string) => Promise<JsonValue>;
type Call<Q, A> = (question: Q, options: { deadline: number }, done: (error: ServiceError | null, answer?: A) => void) => unknown;

// What the command line asks for. Throws for a wrong one.
function parsed(): () => Promise<number> {
  const options = Object.entries({ ...FLAGS, ...TLS_FLAGS }).map(([name, type]) => [name, { type, ...(name === "help" && { short: "h" }) }]);
  const { values, positionals } = parseArgs({ allowPositionals: true, options: Object.fromEntries(options) });
  const flags = values as Partial<Record<keyof typeof FLAGS | keyof typeof TLS_FLAGS, string>>;
  const [command = "", ...questions] = positionals;
  if (flags.help || flags.version) return async () => (await write(flags.help ? HELP : `fingerpost ${version()}\n`), ANSWERED);
  if (!flags.server) throw new TypeError("expected --server");
  const timeoutMs = Number(flags.timeout ?? "5") * 1000;
  if (!(timeoutMs >= 1 && timeoutMs <= 3_600_000)) throw new TypeError("--timeout: expected 0.001 to 3600 seconds");
  const [ca, certificate, key] = [flags["tls-ca"], flags["tls-cert"], flags["tls-key"]].map((path) => path && readFileSync(path));
  const serverName = flags["tls-name"];
  const withTls = flags.tls || ca || certificate || key || serverName;
  if (withTls && flags.insecure) throw new TypeError("--insecure and --tls contradict each other");
  if (!withTls && !flags.insecure && !LOCAL.test(flags.server)) {
    throw new TypeError(`${flags.server} is on another machine: choose --tls, --tls-ca FILE, or --insecure for plain text`);
  }
  const client = new Client(flags.server, withTls ? tls({ ca, certificate, key, serverName } as TlsOptions) : plaintext(), { timeoutMs, engine: "remote" });
  const called = <Q, A>(call: Call<Q, A>, question: Q) =>
    new Promise<A>((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: A) => (error ? reject(ofStatus(error)) : resolve(answer!));
      call.call(client.stub, question, { deadline: Date.now() + timeoutMs }, done);
    });
  const json = { useProtoFieldName: true };
  const asks: Readonly<Record<string, Ask>> = {
    decide: async (line) => toJson(DecideResponseSchema, await called(client.stub.decide, message(DecideRequestSchema, JSON.parse(line))), json),
    follow: async (line) => toJson(FollowResponseSchema, await called(client.stub.follow, message(FollowRequestSchema, JSON.parse(line))), json),
  };
  const ask = Object.hasOwn(asks, command) && asks[command];
  if (ask) return () => answer(questions.length > 0 ? questions : linesOf(process.stdin.setEncoding("utf8")), ask);
  if (command !== "health" || questions.length > 0) throw new TypeError("expected decide, follow or health");
  return async () => ((await client.ready(timeoutMs)) ? (await write("SERVING\n"), ANSWERED) : (await write("NOT_SERVING\n"), NO_SERVER));
}

async function answer(lines: Iterable<string> | AsyncIterable<string>, ask: Ask): Promise<number> {
  let status: number = ANSWERED;
  for await (const line of lines) {
    const found = await ask(line).catch((thrown: Error) => {
      const error = thrown instanceof SyntaxError ? new FingerpostError("INVALID_ARGUMENT", `expected JSON; ${thrown.message}`, "MALFORMED_JSON") : thrown;
      const about = error instanceof FingerpostError && (["INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED"].includes(error.code) || error.tooLarge);
      if (!about) throw error;
      const { code, reason, detail, violations } = error;
      status = WRONG_QUESTION;
      return { error: { code, ...(reason && { reason: `ERROR_REASON_${reason}` }), message: detail, ...(violations.length > 0 && { violations }) } };
    });
    // All that could drive a terminal is escaped.
    await write(`${JSON.stringify(found).replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`);
  }
  return status;
}

async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of input) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

const write = (text: string) => new Promise<void>((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));

process.stdout.on("error", () => undefined); // write() tells.
let status: number = USAGE;
try {
  const asked = parsed();
  status = INPUT_OUTPUT;
  status = await asked();
} catch (error) {
  if (error instanceof FingerpostError) status = NO_SERVER;
  process.stderr.write(`fingerpost: ${(error as Error).message.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")}\n`);
}
process.exit(status);
