// A Fingerpost service for the tests, and services that misbehave.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";

import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { Client, plaintext } from "fingerpost";
import { RedirectServiceDefinition } from "fingerpost/messages";

const BIN = process.env.FINGERPOST_BIN;
/** Long, because the machine may be busy. */
export const PATIENT = { timeoutMs: 20_000 };

/** Its log would mix with the results. */
export const QUIET = { stdio: ["ignore", "pipe", "ignore"] };

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Starts a program that prints its address. It ends with this process, and does not keep it alive. */
export async function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  children.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /listening on (\S+)/.exec(line)?.[1];
    if (!address) continue;
    child.stdout.resume();
    child.stdout.unref();
    child.unref();
    return { address, child };
  }
  throw new Error(`${command} did not start`);
}

/** Address of a fingerpostd on a free port. */
export const service = async (...flags) => (await start(join(BIN, "fingerpostd"), ["--listen", "127.0.0.1:0", ...flags], QUIET)).address;

/** An address that refuses connections: port 1 is reserved (tcpmux), and nobody listens there. */
export const closedPort = () => "127.0.0.1:1";

export const client = (address, options = {}) => new Client(address, plaintext(), options);

/** A service with given answers, each a message or the name of a status; it repeats the last one. `calls` are the requests. */
export async function fake(...answers) {
  const calls = [];
  const answer = (call, done) => {
    calls.push(call.request);
    const one = answers.length > 1 ? answers.shift() : answers[0];
    done(...(typeof one === "string" ? [{ code: status[one], details: "told to" }] : [null, one]));
  };
  const server = new Server();
  const { decide, follow } = RedirectServiceDefinition;
  server.addService({ decide, follow }, { decide: answer, follow: answer });
  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  after(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, calls };
}
