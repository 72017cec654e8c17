// An outage is reported, and the first call of a process is not one (client/README.md).
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { after, before, test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { FingerpostError } from "fingerpost";
import { Fingerpost } from "fingerpost/express";
import { DecideResponseSchema, Outcome } from "fingerpost/messages";
import { FakeClient } from "fingerpost/testing";

import { QUIET_MS, SparingLog } from "../dist/log.js";
import { APPS, ask, keeping } from "./apps.mjs";
import { client, closedPort, fake, PATIENT, service } from "./support.mjs";

const FORM = { request: { method: "POST", url: "https://a.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };
const FOLLOW = { request: { method: "GET", url: "https://a.test/" }, response: { status: 302, headers: [{ name: "Location", value: "/b" }] } };

let address;
before(async () => {
  address = await service();
});

/** The service behind a port that accepts, but is silent until `open` is called. */
async function held(there) {
  const [host, port] = there.split(":");
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const sockets = new Set();
  const server = createServer(async (socket) => {
    sockets.add(socket.on("error", () => {}));
    await opened;
    const onward = connect(Number(port), host).on("error", () => {});
    sockets.add(onward);
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (sockets.forEach((socket) => socket.destroy()), server.close()));
  return { address: `127.0.0.1:${server.address().port}`, server, open };
}

test("an outage is one line of the log, and each of its answers meets the hook", async () => {
  const logger = keeping();
  const answers = [];
  const asking = client(closedPort(), { ...PATIENT, logger, onFallback: (error) => answers.push(error) });
  const given = [];
  for (let i = 0; i < 8; i += 1) given.push(await asking.decide(FORM));
  given.push(await asking.follow(FOLLOW));
  assert.deepEqual(
    answers,
    given.map(({ error }) => error),
  );
  assert.deepEqual(new Set(given.map(({ source }) => source)), new Set(["FALLBACK"]));
  assert.equal(logger.lines.length, 1);
  assert.match(logger.lines[0], /^fingerpost: no answer from the service: UNAVAILABLE: /);
});

test("a hook that fails does not fail the request", async () => {
  const logger = keeping();
  const failing = () => {
    throw new Error("full\nstop");
  };
  assert.equal((await client(closedPort(), { ...PATIENT, logger, onFallback: failing }).decide(FORM)).status, 303);
  assert.match(logger.lines[1], /^fingerpost: onFallback failed: Error: full\?stop$/);
});

test("the log of a call, and a client's that fails closed", async () => {
  const [own, calls] = [keeping(), keeping()];
  const asking = client(closedPort(), { ...PATIENT, logger: own, onError: "raise", onFallback: () => assert.fail("no fallback") });
  await assert.rejects(asking.decide(FORM, { logger: calls }), FingerpostError);
  assert.deepEqual([own.lines.length, calls.lines.length], [0, 1]);
});

test("an answer that was not used is told of, too; a wrong question is not", async () => {
  const logger = keeping();
  const hostile = create(DecideResponseSchema, { outcome: Outcome.REDIRECT, status: 999 });
  await client((await fake(hostile)).address, { ...PATIENT, logger }).decide(FORM);
  assert.match(logger.lines[0], /MALFORMED: the service's answer was not used/);
  await assert.rejects(client(address, { ...PATIENT, logger }).decide({ request: { method: "PO ST" } }));
  assert.equal(logger.lines.length, 1);
});

test("the log says by default, on the console", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  await client(closedPort(), PATIENT).decide(FORM);
  assert.equal(warn.mock.callCount(), 1);
});

test("one line, then none for a while, then how many there were", () => {
  let now = 0;
  const [logger, log] = [keeping(), new SparingLog(() => now)];
  for (let i = 0; i < 3; i += 1) log.warn(logger, "a\r\nb\u2028");
  assert.deepEqual(logger.lines, ["fingerpost: a??b?"]);
  now += QUIET_MS;
  for (let i = 0; i < 2; i += 1) log.warn(logger, "b");
  assert.deepEqual(logger.lines.slice(1), ["fingerpost: b (and 2 more like it)"]);
});

test("Fastify: it is the request's own log that is told, also of a proxy", async () => {
  const own = keeping();
  const quiet = () => {};
  const log = { level: "warn", fatal: quiet, error: quiet, info: quiet, debug: quiet, trace: quiet, silent: quiet, warn: own.warn, child: () => log };
  const others = keeping();
  const port = await APPS.Fastify(client(closedPort(), { ...PATIENT, logger: others }), {
    logger: log,
    routes: { "/page": (fp, reply) => reply.send("page") },
  });
  assert.equal((await ask(port, "GET", "/page", { "x-forwarded-proto": "https" })).body, "page");
  assert.deepEqual(others.lines, []);
  assert.deepEqual(
    own.lines.map((line) => line.slice(0, 38)),
    ["fingerpost: X-Forwarded-Proto is https", "fingerpost: no answer from the service"],
  );
});

test("the first call waits for the connection longer than for its answer, and a call's own time is all that it gets", async () => {
  const { address: there, open } = await held(address);
  const asking = client(there, { timeoutMs: 1_000, connectTimeoutMs: 60_000, logger: keeping() });
  const [first, second] = [asking.decide(FORM), asking.decide(FORM)];
  assert.equal((await asking.decide(FORM, { timeoutMs: 1_100 })).error.code, "DEADLINE_EXCEEDED"); // Longer than a call's usual time.
  open();
  for (const answer of [await first, await second]) assert.equal(answer.source, "SERVICE");
});

test("the wait ends: when its time is up, at once when the connection is refused, and it is one for all calls", async () => {
  const { address: there, server } = await held(address);
  let accepted = 0;
  server.on("connection", () => (accepted += 1));
  const asking = client(there, { timeoutMs: 50, connectTimeoutMs: 50, logger: keeping() });
  for (let i = 0; i < 3; i += 1) assert.equal((await asking.decide(FORM)).error.code, "DEADLINE_EXCEEDED");
  assert.equal(accepted, 1);
  assert.equal((await client(closedPort(), { connectTimeoutMs: Infinity, logger: keeping() }).decide(FORM, {})).source, "FALLBACK");
});

test("ready says whether it is connected", async () => {
  const asking = client(address);
  assert.equal(await asking.ready(60_000), true);
  assert.equal(await asking.ready(0), true);
  asking.close();
  assert.equal(await asking.ready(60_000), false);
  assert.equal(await client(closedPort()).ready(50), false);
  const { address: there, open } = await held(address);
  const waiting = client(there);
  assert.equal(await waiting.ready(0), false);
  const later = waiting.ready(60_000);
  open();
  assert.equal(await later, true);
  await assert.rejects(waiting.ready("soon"), TypeError);
  for (const connectTimeoutMs of [NaN, "1"]) assert.throws(() => client(address, { connectTimeoutMs }), TypeError);
});

test("a client that is closed while it connects ends the wait", async () => {
  const { address: there } = await held(address);
  const asking = client(there);
  const waiting = asking.ready(60_000);
  asking.close();
  assert.equal(await waiting, false);
});

test("an adapter connects before the first request; a fake has nothing to connect to", async () => {
  const { address: there, server } = await held(address);
  const connected = once(server, "connection");
  new Fingerpost(client(there));
  await connected;
  assert.equal(await new FakeClient().ready(), true);
  assert.equal((await new FakeClient().decide(FORM)).source, "ENGINE");
});
