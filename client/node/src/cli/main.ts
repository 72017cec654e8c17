#!/usr/bin/env node
// `npx fingerpost decide` and `npx fingerpost follow`: the fingerpost command's flags and output, answered by a server.
import { parseArgs } from "node:util";

import { timestampNow } from "@bufbuild/protobuf/wkt";
import type { ServiceError } from "@grpc/grpc-js";

import { FingerpostError } from "../errors.js";
import { DecideResponseSchema, type DecideResponse } from "../gen/fingerpost/v1/decide_pb.js";
import { FollowResponseSchema, type FollowResponse } from "../gen/fingerpost/v1/follow_pb.js";
import { version } from "../assets.js";
import type { Stub } from "../stub.js";
import { answerAll, asking } from "./batches.js";
import { decideQuestion, FLAGS, followQuestion, type Flag, type Words } from "./flags.js";
import { described, errorLine, errorMessage, Fault, isAboutTheQuestion, line } from "./json.js";
import { connect, Contradiction, SERVER_FLAGS, timeoutOf } from "./server.js";
import { showDecide, showFollow } from "./show.js";
import { harmless } from "./text.js";

const ANSWERED = 0;
const WRONG_QUESTION = 1;
const USAGE = 2;
const NO_SERVER = 3;
const INPUT_OUTPUT = 4;

type Command = keyof typeof FLAGS;
const COMMANDS: Readonly<Record<Command, string>> = {
  decide: "What to send: an intent in, status and fields out",
  follow: "What to request next: a response in, a request or a stop out",
};

const FOOTER = `Exit status:
  0  every question has its answer; REFUSE, PASS and a stop are answers
  1  a question is wrong, or one line of --input is; the error names the field
  2  the command line is wrong
  3  the server gave no answer
  4  the input cannot be read, or the output cannot be written`;

const complain = (text: string) => void process.stderr.write(`fingerpost: ${harmless(text)}\n`);

const write = (text: string) =>
  new Promise<void>((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));

const flagHelp = ({ name, short, metavar = "", help: text }: Flag) => `  ${short ? `-${short}, ` : ""}--${name} ${metavar}\n      ${text}`;

function help(command?: Command): string {
  if (!command) {
    const commands = Object.entries(COMMANDS).map(([name, text]) => `  ${name.padEnd(10)}${text}`);
    return `The two answers about HTTP redirects: what to send, and what to request next.\nUsage: fingerpost [--version] COMMAND\n\n${commands.join("\n")}\n\n${FOOTER}\n`;
  }
  const all = [...FLAGS[command], ...SERVER_FLAGS];
  const shown = [...new Set(all.map(({ group }) => group))].map((group) => [`${group}:`, ...all.filter((flag) => flag.group === group).map(flagHelp)].join("\n"));
  return `${COMMANDS[command]}\nUsage: fingerpost ${command} [FLAG...]${command === "decide" ? " [TARGET]" : ""}\n\n${shown.join("\n\n")}\n\n${FOOTER}\n`;
}

// parseArgs takes a number below zero for a flag.
function withNegatives(words: readonly string[]): string[] {
  const args: string[] = [];
  for (const word of words) {
    if (/^-\d/.test(word) && /^--[^=]+$/.test(args.at(-1) ?? "")) args.push(`${args.pop()}=${word}`);
    else args.push(word);
  }
  return args;
}

// The command's flags, or a Contradiction.
function parsed(command: Command, words: readonly string[]): Words {
  const all = [...FLAGS[command], ...SERVER_FLAGS];
  const options = Object.fromEntries(all.map(({ name, short, metavar }) => [name, { type: metavar ? "string" : "boolean", multiple: true, ...(short && { short }) } as const]));
  let found;
  try {
    found = parseArgs({ args: withNegatives(words), options, allowPositionals: true });
  } catch (error) {
    throw new Contradiction((error as Error).message.split(/[.\n]/)[0]!);
  }
  const values = found.values as Readonly<Record<string, readonly (string | boolean)[]>>;
  const unexpected = found.positionals[command === "decide" ? 1 : 0];
  if (unexpected !== undefined) throw new Contradiction(`unknown argument ${unexpected}`);
  for (const { name, repeatable } of all) if (!repeatable && (values[name]?.length ?? 0) > 1) throw new Contradiction(`--${name}: expected once`);
  for (const name of ["pin", "status"]) if (values[name] && !/^-?\d{1,9}$/.test(String(values[name][0]))) throw new Contradiction(`--${name}: expected a number`);
  return {
    target: found.positionals[0] ?? "",
    text: (name) => String(values[name]?.[0] ?? ""),
    texts: (name) => (values[name] ?? []).map(String),
    has: (name) => values[name] !== undefined,
  };
}

// A file has whole questions: no flag may speak about one beside it.
function refuseBesideInput(command: Command, words: Words): void {
  const others = FLAGS[command].filter(({ name }) => !["input", "json"].includes(name) && words.has(name)).map(({ name }) => `--${name}`);
  const [first] = words.target ? ["TARGET"] : others;
  if (first) throw new Contradiction(`--input has whole questions: expected no ${first} beside it`);
}

async function main(words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  if (command === "--version") return await write(`fingerpost ${version()}\n`), ANSWERED;
  if (command === "--help" || command === "-h") return await write(help()), ANSWERED;
  try {
    if (command !== "decide" && command !== "follow") throw new Contradiction(command === undefined ? "expected a subcommand" : `unknown argument ${command}`);
    if (rest.includes("--help") || rest.includes("-h")) return await write(help(command)), ANSWERED;
    const flags = parsed(command, rest);
    const input = flags.text("input");
    if (input) refuseBesideInput(command, flags);
    const timeoutMs = timeoutOf(flags);
    const client = connect(flags);
    try {
      if (input) return await answerAll(asking(client.stub, command, timeoutMs), command, input, { write, complain });
      return await one(client.stub, command, flags, timeoutMs);
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    complain(`${error.message} (see fingerpost --help)`);
    return USAGE;
  }
}

async function one(stub: Stub, command: Command, flags: Words, timeoutMs: number): Promise<number> {
  try {
    await write(await (command === "decide" ? decide : follow)(stub, flags, timeoutMs));
    return ANSWERED;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    complain(described(error.error));
    if (flags.has("json")) await write(errorLine(error.error));
    return isAboutTheQuestion(error.error) ? WRONG_QUESTION : NO_SERVER;
  }
}

async function decide(stub: Stub, flags: Words, timeoutMs: number): Promise<string> {
  const question = decideQuestion(flags);
  question.now ??= timestampNow();
  const answer = await answered<DecideResponse>((done) => stub.decide(question, { deadline: Date.now() + timeoutMs }, done));
  return flags.has("json") ? `${line(DecideResponseSchema, answer)}\n` : showDecide(question, answer);
}

async function follow(stub: Stub, flags: Words, timeoutMs: number): Promise<string> {
  const question = followQuestion(flags);
  question.now ??= timestampNow();
  const answer = await answered<FollowResponse>((done) => stub.follow(question, { deadline: Date.now() + timeoutMs }, done));
  return flags.has("json") ? `${line(FollowResponseSchema, answer)}\n` : showFollow(question, answer);
}

function answered<T>(call: (done: (error: ServiceError | null, answer?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, answer) => (error ? reject(new Fault(errorMessage(FingerpostError.of(error)))) : resolve(answer!))));
}

process.stdout.on("error", () => undefined); // write() tells.
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // The reader has gone, or something of the machine's is missing.
  if ((error as NodeJS.ErrnoException).code !== "EPIPE") complain(String(error));
  process.exitCode = INPUT_OUTPUT;
}
