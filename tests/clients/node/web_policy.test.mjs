// The web client's policy: fetched once, looked at in the background, and counted at home. The service is a small server here.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, EngineError, Fingerpost } from "fingerpost/web";

import { IntentSchema, Purpose } from "../dist/gen/fingerpost/v1/intent_pb.js";
import { HandedOutSchema, MatchSchema, PolicySchema, RuleSchema } from "../dist/gen/fingerpost/v1/policy_pb.js";
import { ReportUsageRequestSchema } from "../dist/gen/fingerpost/v1/policy_service_pb.js";
import { Policy } from "../dist/web/policy.js";
import { keeping } from "./apps.mjs";
import { until } from "./support.mjs";

const SHOP = "https://shop.example.com";
const MODULE = new WebAssembly.Module(readFileSync(new URL("../dist/fingerpost.wasm", import.meta.url)));
const OLD = { request: { method: "GET", url: `${SHOP}/old` } };

const policy = (target, version = "1") =>
  toBinary(
    PolicySchema,
    create(PolicySchema, {
      rules: [
        create(RuleSchema, {
          id: "old",
          match: create(MatchSchema, { path: "/old" }),
          wish: { case: "intent", value: create(IntentSchema, { purpose: Purpose.PERMANENT_MOVE, target }) },
        }),
      ],
      handedOut: create(HandedOutSchema, { version }),
    }),
  );

/** A service by HTTP: `it.answer` is how it answers now; `it.seen` are the requests. */
async function home() {
  const it = { seen: [], usage: [], octets: policy("/new"), tag: '"1"', answer: undefined };
  const server = createServer(async (request, response) => {
    it.seen.push({ path: request.url, known: request.headers["if-none-match"], accept: request.headers.accept });
    const body = Buffer.concat(await request.toArray());
    if (it.answer) return it.answer(request, response);
    if (request.url.startsWith("/v1/usage")) {
      it.usage.push(fromBinary(ReportUsageRequestSchema, body));
      return response.writeHead(200, { "content-type": "application/json" }).end("{}");
    }
    if (!request.url.startsWith("/v1/policy")) return response.writeHead(503).end();
    if (request.headers["if-none-match"] === it.tag) return response.writeHead(304).end();
    response.writeHead(200, { "content-type": "application/protobuf", etag: it.tag }).end(it.octets);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (server.closeAllConnections(), server.close()));
  it.url = `http://127.0.0.1:${server.address().port}`;
  it.client = (options) => {
    const made = new Client(it.url, { module: MODULE, refreshMs: 100, connectTimeoutMs: 20_000, logger: keeping(), ...options });
    after(() => made.close());
    return made;
  };
  return it;
}

const location = async (client) => (await client.decide(OLD)).header("location");

test("the first requests wait for the policy, which is fetched once; none asks before", async () => {
  const it = await home();
  const client = it.client({ refreshMs: 60_000 });
  assert.deepEqual([it.seen.length, client.policy.state, await client.ready(0)], [0, "NONE", false]);
  assert.deepEqual(await Promise.all([location(client), location(client), location(client)]), ["/new", "/new", "/new"]);
  assert.deepEqual(it.seen, [{ path: "/v1/policy", known: undefined, accept: "application/protobuf" }]);
  assert.deepEqual([client.policy.state, client.policy.version, client.policy.problems], ["READY", "1", []]);
  const { source, policyVersion } = await client.decide(OLD);
  assert.deepEqual([source, policyVersion], ["ENGINE", "1"]);
});

test("a change answers soon, without a request that waits", async () => {
  const it = await home();
  const client = it.client();
  assert.equal(await location(client), "/new");
  [it.octets, it.tag] = [policy("/newer", "2"), '"2"'];
  assert.ok(await until(async () => (await location(client)) === "/newer"));
  assert.equal(client.policy.version, "2");
  assert.ok(await until(() => it.seen.at(-1).known === '"2"'));
  // No answer for a while: nobody waits for it.
  it.answer = () => undefined;
  await until(() => it.seen.length > 5);
  const began = performance.now();
  assert.equal(await location(client), "/newer");
  assert.ok(performance.now() - began < 5_000);
});

test("the service away: the last policy answers, STALE; back again: READY", async () => {
  const it = await home();
  const logger = keeping();
  const client = it.client({ logger });
  assert.equal(await location(client), "/new");
  it.answer = (request, response) => response.writeHead(502).end("<html>");
  assert.ok(await until(() => client.policy.state === "STALE"));
  assert.match(client.policy.problems.join(), /502/);
  assert.equal(await location(client), "/new");
  assert.equal(logger.lines.length, 1);
  it.answer = undefined;
  assert.ok(await until(() => client.policy.state === "READY"));
  assert.deepEqual(client.policy.problems, []);
});

test("a bad policy is told once, and the one before stays", async () => {
  const it = await home();
  const logger = keeping();
  const client = it.client({ logger });
  assert.equal(await location(client), "/new");
  [it.octets, it.tag] = [Buffer.from("\x08 no message", "latin1"), '"bad"'];
  assert.ok(await until(() => client.policy.problems.length > 0));
  assert.equal(await location(client), "/new");
  const seen = it.seen.length;
  assert.ok(await until(() => it.seen.length > seen + 2));
  assert.equal(it.seen.at(-1).known, '"bad"'); // It is not fetched again.
  assert.deepEqual(logger.lines.length, 1, `${logger.lines}`);
  [it.octets, it.tag] = [policy("/newest", "3"), '"3"'];
  assert.ok(await until(async () => (await location(client)) === "/newest"));
  assert.deepEqual(client.policy.problems, []);
});

test("what was answered comes home, once, also at the end", async () => {
  const it = await home();
  const client = it.client();
  for (let i = 0; i < 3; i += 1) await client.decide(OLD);
  await client.follow({ request: { method: "GET", url: `${SHOP}/a` }, response: { status: 200 } });
  await client.close();
  const [{ policyVersion, rules, follows, agent }] = it.usage;
  assert.equal(it.usage.length, 1);
  assert.deepEqual([policyVersion, rules.map(({ name, hits }) => [name, Number(hits)])], ["1", [["old", 3]]]);
  assert.deepEqual([follows.map(({ hits }) => Number(hits)), agent], [[1], "web/0.1.0"]);
});

for (const [what, octets] of [
  ["no octets", Buffer.alloc(0)],
  ["octets without handed_out", toBinary(PolicySchema, create(PolicySchema, {}))],
  ["octets without a version", toBinary(PolicySchema, create(PolicySchema, { handedOut: {} }))],
  ["another part", toBinary(PolicySchema, create(PolicySchema, { handedOut: { version: "2", selector: { hosts: ["b.test"] } } }))],
]) {
  test(`${what}: the policy before stays`, async () => {
    const it = await home();
    const client = it.client();
    assert.equal(await location(client), "/new");
    [it.octets, it.tag] = [octets, '"2"'];
    assert.ok(await until(() => client.policy.problems.length > 0));
    assert.match(client.policy.problems[0], /not whole|another part/);
    assert.deepEqual([await location(client), client.policy.version], ["/new", "1"]);
  });
}

test("only a part of the policy is asked for", async () => {
  const it = await home();
  await it.client({ selector: { hosts: ["shop.example.com", "*.example.org"], intents: ["order placed"] } }).ready();
  assert.equal(it.seen[0].path, "/v1/policy?host=shop.example.com&host=*.example.org&intent=order+placed");
});

test("work in the background keeps a worker alive", async () => {
  const it = await home();
  const work = [];
  const client = it.client({ waitUntil: (promise) => void work.push(promise) });
  await location(client);
  assert.ok(work.length > 0 && work.every((one) => one instanceof Promise));
});

test("what a worker has dropped with its request, the next request does, and waits for it", async (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const looks = [];
  const origin = { policy: () => new Promise((resolve) => looks.push(resolve)), report: async () => undefined };
  const kept = new Policy(origin, async () => MODULE, { watches: true, logger: keeping() });
  await kept.tended(50);
  await kept.tended(50);
  assert.deepEqual([looks.length, kept.status.state], [1, "NONE"]);
  now = 60_000;
  const waits = kept.tended(20_000);
  assert.ok(await until(() => looks.length === 2));
  looks[1]({ octets: policy("/new"), tag: '"1"' });
  await waits;
  assert.equal(kept.status.state, "READY");
  await kept.close();
});

test("a module that is not the engine's: auto asks the service, local says so", async () => {
  const it = await home();
  const foreign = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  assert.throws(() => it.client({ engine: "local", module: foreign }), EngineError);
  const logger = keeping();
  const client = it.client({ module: Promise.resolve(foreign), logger });
  it.answer = (request, response) => response.end('{"outcome":"OUTCOME_REDIRECT","status":308,"headers":[{"name":"Location","value":"/far"}]}');
  assert.equal(await location(client), "/far");
  assert.deepEqual([client.policy.state, logger.lines.length], ["NONE", 1]);
  assert.match(client.policy.problems.join(), /not Fingerpost's/);
  const broken = it.client({ module: Promise.reject(new Error("torn")), logger });
  assert.equal(await location(broken), "/far");
  const local = it.client({ engine: "local", module: Promise.resolve(foreign), logger });
  assert.equal((await local.decide(OLD)).outcome, "PASS");
});

test("without a policy and without a service an intent has an answer all the same, marked", async () => {
  const it = await home();
  it.answer = (request, response) => response.writeHead(503).end();
  const errors = [];
  const client = it.client({ onFallback: (error) => errors.push(error.code) });
  const intent = { purpose: "form_result", target: "/orders/1", flash: { text: "Order placed" } };
  const placed = await client.decide({ request: { method: "POST", url: `${SHOP}/orders` }, intent });
  assert.deepEqual([placed.status, placed.header("location"), placed.source, placed.error.code], [303, "/orders/1", "FALLBACK", "UNAVAILABLE"]);
  assert.match(placed.header("set-cookie"), /^__Host-flash=/);
  assert.equal((await client.decide(OLD)).outcome, "PASS");
  await assert.rejects(client.decide({ request: { method: "POST", url: SHOP }, intent: { purpose: "form_result", target: "https://evil.example/" } }), {
    code: "UNAVAILABLE",
  });
  assert.deepEqual(errors, ["UNAVAILABLE", "UNAVAILABLE"]);
  const hop = await client.follow({ request: { method: "GET", url: `${SHOP}/a` }, response: { status: 302, headers: [{ name: "Location", value: "/b" }] } });
  assert.deepEqual([hop.next.url, hop.source], [`${SHOP}/b`, "ENGINE"]);
});

test("the engine's answers are the web platform's too, with the service gone", async () => {
  const it = await home();
  const client = it.client();
  const fp = new Fingerpost(client);
  assert.equal(await client.ready(), true);
  it.answer = (request) => request.socket.destroy();
  const moved = await fp.handle(new Request(`${SHOP}/old`), () => new Response("page"));
  assert.deepEqual([moved.status, moved.headers.get("location"), await moved.text()], [308, "/new", (await client.decide(OLD)).body]);
});
