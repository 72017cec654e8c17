// A Fingerpost service for the tests, and services that misbehave.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";

import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { Client, plaintext } from "fingerpost";
import { PolicyServiceDefinition, RedirectServiceDefinition } from "fingerpost/messages";

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
    const [, address, web] = /listening on (\S+)(?:.*HTTP\/JSON on (\S+))?/.exec(line) ?? [];
    if (!address) continue;
    child.stdout.resume();
    child.stdout.unref();
    child.unref();
    return { address, web, child };
  }
  throw new Error(`${command} did not start`);
}

/** Address of a fingerpostd on a free port. */
export const service = async (...flags) => (await start(join(BIN, "fingerpostd"), ["--listen", "127.0.0.1:0", ...flags], QUIET)).address;

/** One with HTTP/JSON, too: `web` is that address. */
export const doors = (...flags) => start(join(BIN, "fingerpostd"), ["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", ...flags], QUIET);

/** One with that policy: the URL of its HTTP/JSON, and its end. */
export async function webService(policy) {
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-policy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "policy.yaml");
  writeFileSync(file, policy);
  const { web, child } = await doors("--policy", file);
  return { url: `http://${web}`, stop: () => (child.ref(), child.kill("SIGKILL"), once(child, "exit")) };
}

/** An address that refuses connections: port 1 is reserved (tcpmux), and nobody listens there. */
export const closedPort = () => "127.0.0.1:1";

/** A client that answers in this process, once it has heard of its service. */
class Inside extends Client {
  async decide(...words) {
    await this.ready(60_000);
    return super.decide(...words);
  }
  async follow(...words) {
    await this.ready(60_000);
    return super.follow(...words);
  }
}

/** One that asks its service, always. */
export const remote = (address, options = {}) => new Client(address, plaintext(), { engine: "remote", ...options });

/** The same; in the second run of some of the tests, one that never asks. */
export const client = (address, options = {}) =>
  process.env.ENGINE === "local" ? new Inside(address, plaintext(), { engine: "local", ...options }) : remote(address, options);

/** A service with given answers, each a message or the name of a status; it repeats the last one. `calls` are the requests. */
export async function fake(...answers) {
  const calls = [];
  const answer = (call, done) => {
    calls.push(call.request);
    const one = answers.length > 1 ? answers.shift() : answers[0];
    done(...(typeof one === "string" ? [{ code: status[one], details: "told to" }] : [null, one]));
  };
  const { decide, follow } = RedirectServiceDefinition;
  return {
    address: await served([
      [
        { decide, follow },
        { decide: answer, follow: answer },
      ],
    ]),
    calls,
  };
}

/**
 * A service that hands out policies: `say(message)` to all who watch, and to those who come; `end(status)` ends their streams, and refuses others while it
 * is `away`. `asked` are their requests,
 * `reports` what was reported, `questions` what was asked. It answers questions with `answer`, a message or the name of a status.
 */
export async function policyService({ answer = "UNAVAILABLE", report = "" } = {}) {
  const it = { asked: [], reports: [], questions: [], streams: new Set(), said: [] };
  const watchPolicy = (stream) => {
    it.asked.push(stream.request);
    if (it.away) return void stream.emit("error", { code: status.UNAVAILABLE, details: "told to" });
    it.streams.add(stream);
    stream.on("cancelled", () => it.streams.delete(stream));
    it.said.forEach((message) => stream.write(message));
  };
  const reportUsage = (call, done) => {
    it.reports.push(call.request);
    done(...(report ? [{ code: status[report], details: "told to" }] : [null, {}]));
  };
  const asked = (call, done) => {
    it.questions.push(call.request);
    done(...(typeof answer === "string" ? [{ code: status[answer], details: "told to" }] : [null, answer]));
  };
  it.say = (message) => {
    it.said = [message];
    it.streams.forEach((stream) => stream.write(message));
  };
  it.end = (name) => {
    it.streams.forEach((stream) => (name ? stream.emit("error", { code: status[name], details: "told to" }) : stream.end()));
    it.streams.clear();
  };
  const { decide, follow } = RedirectServiceDefinition;
  it.address = await served([
    [PolicyServiceDefinition, { watchPolicy, reportUsage }],
    [
      { decide, follow },
      { decide: asked, follow: asked },
    ],
  ]);
  return it;
}

async function served(services) {
  const server = new Server();
  for (const [definition, methods] of services) server.addService(definition, methods);
  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  after(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

/** Waits until `is()` is true. */
export async function until(is, ms = 60_000) {
  const last = Date.now() + ms;
  for (;;) {
    const found = await is();
    if (found || Date.now() > last) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
