// The service does not answer, or gives an answer that must not be written (client/README.md).
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { create, fromJson, toBinary } from "@bufbuild/protobuf";
import { Client, FingerpostError, plaintext, tls } from "fingerpost";
import { ChangeKind, DecideResponseSchema, FollowRequestSchema, FollowResponseSchema, Profile, WarningCode } from "fingerpost/messages";

import { Breaker, FAILURES_TO_OPEN, OPEN_MS } from "../dist/breaker.js";
import { putBack, withheld } from "../dist/secrets.js";
import { channelOptions } from "../dist/transport.js";
import { client, closedPort, fake, PATIENT, QUIET, service, start } from "./support.mjs";

const FORM = { request: { method: "POST", url: "https://a.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };
const FOLLOW = { request: { method: "GET", url: "https://a.test/" }, response: { status: 302, headers: [{ name: "Location", value: "/b" }] } };
const BIN = process.env.FINGERPOST_BIN;

let address, closed, certificates;
before(async () => {
  [address, closed] = [await service(), closedPort()];
  certificates = mkdtempSync(join(tmpdir(), "fingerpost-tls-"));
});
after(() => rmSync(certificates, { recursive: true, force: true }));

const code = (wanted) => (error) => error instanceof FingerpostError && error.code === wanted;

test("transport security is a required choice", () => {
  for (const transport of [undefined, null, {}, "plaintext"]) assert.throws(() => new Client("127.0.0.1:1", transport), TypeError);
  assert.throws(() => new Client("127.0.0.1:1", plaintext(), { onError: "ignore" }), TypeError);
  assert.throws(() => tls({ key: Buffer.from("x") }), TypeError);
});

test("a slow service costs no more than the deadline, of the call or of the client", async () => {
  const sockets = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1"); // Accepts and never says a word.
  after(() => (sockets.forEach((socket) => socket.destroy()), silent.close()));
  await once(silent, "listening");
  const there = `127.0.0.1:${silent.address().port}`;
  for (const answer of [await client(there).decide(FORM, { timeoutMs: 50 }), await client(there, { timeoutMs: 50 }).decide(FORM)]) {
    assert.deepEqual([answer.source, answer.error.code], ["FALLBACK", "DEADLINE_EXCEEDED"]);
  }
});

test("a wrong question is an error with every path, and no outage", async () => {
  const asking = client(address);
  for (let i = 0; i < 2 * FAILURES_TO_OPEN; i += 1) {
    await assert.rejects(asking.decide({ request: { method: "PO ST" }, intent: { purpose: "form_result" } }, PATIENT), (error) => {
      assert.deepEqual([error.code, error.reason], ["INVALID_ARGUMENT", "INVALID_FIELDS"]);
      assert.deepEqual(
        error.violations.map(({ field }) => field),
        ["request.method", "intent.target"],
      );
      return true;
    });
  }
  assert.equal((await asking.decide(FORM, PATIENT)).source, "SERVICE");
});

test("an unknown name is NOT_FOUND", async () => {
  await assert.rejects(client(address).decide({ request: { method: "GET" }, intentName: "nobody" }, PATIENT), code("NOT_FOUND"));
});

test("unknown members and enum values name the field, all together", async () => {
  const wrong = { request: { method: "POST", headers: [{ nome: "x" }] }, intent: { purpose: "form_resalt", porpoise: 1 } };
  await assert.rejects(client(closed, PATIENT).decide(wrong), (error) => {
    assert.deepEqual(
      error.violations.map(({ field }) => field),
      ["request.headers[0].nome", "intent.purpose", "intent.porpoise"],
    );
    return code("INVALID_ARGUMENT")(error);
  });
  await assert.rejects(client(closed, PATIENT).decide({ request: { method: 1 } }), code("INVALID_ARGUMENT"));
});

test("an outcome and a stop from the future, and no answer at all", async () => {
  assert.equal((await client((await fake(create(DecideResponseSchema, { outcome: 77 }))).address).decide(FORM, PATIENT)).outcome, "PASS");
  for (const result of [{ case: "stop", value: { reason: 77 } }, { case: undefined }]) {
    const hop = await client((await fake(create(FollowResponseSchema, { result }))).address).follow(FOLLOW, PATIENT);
    assert.deepEqual([hop.next, hop.stop], [undefined, "UNKNOWN"]);
  }
});

test("the breaker lets one call through a second", () => {
  let now = 0;
  const breaker = new Breaker(() => now);
  for (let i = 0; i < FAILURES_TO_OPEN; i += 1) (assert.ok(breaker.allows()), breaker.failed());
  assert.ok(!breaker.allows());
  now += 2 * OPEN_MS;
  assert.ok(breaker.allows() && !breaker.allows());
  breaker.answered();
  assert.ok(breaker.allows() && breaker.allows());
});

test("TLS: the right authority, a wrong one, and the system's", async () => {
  const openssl = (...words) => execFileSync("openssl", words, { cwd: certificates, stdio: "ignore" });
  for (const name of ["right", "wrong"]) {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }
  const file = (name) => join(certificates, name);
  const flags = ["--listen", "127.0.0.1:0", "--tls-cert", file("right.pem"), "--tls-key", file("right.key")];
  const there = (await start(join(BIN, "fingerpostd"), flags, QUIET)).address;
  const named = there.replace("127.0.0.1", "localhost");
  const ask = (transport, at = named) => new Client(at, transport).decide(FORM, PATIENT);
  assert.equal((await ask(tls({ ca: readFileSync(file("right.pem")) }))).source, "SERVICE");
  assert.equal((await ask(tls({ ca: readFileSync(file("right.pem")), serverName: "localhost" }), there)).source, "SERVICE");
  for (const transport of [
    tls({ ca: readFileSync(file("wrong.pem")) }),
    tls(),
    plaintext(),
    tls({ ca: readFileSync(file("right.pem")), serverName: "a.test" }),
  ]) {
    const fallback = await ask(transport);
    assert.deepEqual([fallback.source, fallback.error.code], ["FALLBACK", "UNAVAILABLE"]);
  }
  // The policy has a connection of its own.
  for (const [authority, state] of Object.entries({ right: "READY", wrong: "NONE" })) {
    const inside = new Client(named, tls({ ca: readFileSync(file(`${authority}.pem`)) }), { engine: "local", logger: { warn() {} } });
    assert.deepEqual([await inside.ready(60_000), inside.policy.state], [state === "READY", state]);
    await inside.close();
  }
  const stub = new URL("../dist/cli.js", import.meta.url).pathname;
  for (const [authority, status] of Object.entries({ right: 0, wrong: 3 })) {
    const words = ["decide", JSON.stringify(FORM), "--server", there, "--tls-name", "localhost", "--timeout", "30", "--tls-ca", file(`${authority}.pem`)];
    assert.equal(spawnSync(process.execPath, [stub, ...words]).status, status);
  }
});

test("close twice, and use after", async () => {
  const asking = client(address);
  asking.close();
  asking.close();
  await assert.rejects(asking.decide(FORM), TypeError);
});

const line = (name, value) => ({ name, content: { case: "value", value } });

/** Keeps the output. */
class Told extends Client {
  call(method, request, timeoutMs) {
    this.sent = request;
    return super.call(method, request, timeoutMs);
  }
}
const telling = () => new Told(address, plaintext(), { ...PATIENT, onError: "raise", engine: "remote" });
const values = ({ next }) => Object.fromEntries(next.headers.map(({ name, content }) => [name, Buffer.from(content.value).toString()]));

test("userinfo is found where a parser finds it", () => {
  for (const [url, sent] of [
    ["http:\\\\me:p@ss@a.test\\@", "http:\\\\-@a.test\\@"],
    ["https:me@a.test", "https:-@a.test"],
    ["https://a.test/@x?a@b#c@d"],
    ["https://@a.test"],
    ["/x:y@z"],
    ["@"],
    [""],
  ])
    assert.equal(withheld(create(FollowRequestSchema, { request: { url } })).request.url, sent ?? url);
});

for (const [user, location, value] of [
  ["me:s3cret", "/b", "Basic bWU6czNjcmV0"],
  ["m%C3%A9:s%3A:3", "/b", "Basic bcOpOnM6OjM="],
  ["me", "c?d", "Basic bWU6"],
  ["me:s3cret", "https://b.test/"],
  ["me:s3cret", "http://a.test/"],
  ["me:s3cret", "https://a.test:444/"],
]) {
  test(`Basic of a URL's userinfo is made here: ${user} ${location}`, async () => {
    const asking = telling();
    const hop = await asking.follow({
      request: { method: "GET", url: `https://${user}@a.test/` },
      response: { status: 302, headers: [{ name: "Location", value: location }] },
      options: { profile: "curl", trusted_origins: ["https://a.test", "https://b.test"], allow_downgrade: true },
    });
    assert.equal(asking.sent.request.url, "https://-@a.test/");
    assert.equal(values(hop).Authorization, value);
    assert.deepEqual(
      hop.changes.filter(({ kind }) => kind === ChangeKind.FIELD_ADDED).map(({ field }) => field.content.value),
      value ? [value] : [],
    );
  });
}

test("Basic goes nowhere else, whatever the service says", () => {
  const question = create(FollowRequestSchema, {
    request: { url: "https://me:s3cret@a.test/" },
    options: { profile: Profile.CURL, trustedOrigins: ["https://a.test", "https://b.test"] },
  });
  const basicAt = (url) => {
    const field = () => ({ name: "Authorization" });
    const answer = create(FollowResponseSchema, {
      result: { case: "next", value: { url, headers: [field()] } },
      changes: [{ kind: ChangeKind.FIELD_ADDED, field: field() }],
    });
    putBack(question, answer);
    return [answer.result.value.headers[0].content.value, answer.changes[0].field.content.value];
  };
  assert.deepEqual(basicAt("https://b.test/"), [undefined, undefined]);
  assert.deepEqual(basicAt("https://a.test/b"), ["Basic bWU6czNjcmV0", "Basic bWU6czNjcmV0"]);
});

for (const [what, target, code] of [
  ["too large", `/${"a".repeat(5 << 20)}`, "RESOURCE_EXHAUSTED"],
  ["half a character", "/a\ud800", "INVALID_ARGUMENT"],
]) {
  test(`what cannot be sent is no outage: ${what}`, async () => {
    const asking = client(address, PATIENT);
    for (let i = 0; i <= FAILURES_TO_OPEN; i += 1) {
      await assert.rejects(asking.decide({ ...FORM, intent: { purpose: "form_result", target } }), ({ code: found, answered }) => found === code && answered);
    }
    assert.equal((await asking.decide(FORM)).source, "SERVICE");
  });
}

test("an answer without next and stop is an error", async () => {
  const { address } = await fake(create(FollowResponseSchema));
  const { next, stop, failed, source } = await client(address, PATIENT).follow(FOLLOW);
  assert.deepEqual([next, stop, failed, source], [undefined, "UNKNOWN", true, "SERVICE"]);
});

test("a timeout is a number, and the longest ones are long", async () => {
  for (const timeoutMs of [NaN, "500", null]) {
    assert.throws(() => client(address, { timeoutMs }), TypeError);
    await assert.rejects(client(address, PATIENT).decide(FORM, { timeoutMs }), TypeError);
  }
  for (const timeoutMs of [Infinity, 1e30]) assert.equal((await client(address, { timeoutMs, onError: "raise" }).decide(FORM)).source, "SERVICE");
});

test("follow sends no secret, and puts them back", async () => {
  const asking = telling();
  const question = {
    request: {
      method: "GET",
      url: "https://me:s3cret-0@a.test/",
      headers: [
        { name: "Authorization", value: "s3cret-1" },
        { name: "X-Plain", value: "p" },
        { name: "cookie", value: "s3cret-2" },
        { name: "X-Api-Key", raw_value: Buffer.from("s3cret-3").toString("base64") },
        { name: "Proxy-Authorization", value: "s3cret-4" },
      ],
    },
    response: { status: 302, headers: [{ name: "Location", value: "/b" }] },
    options: { secret_fields: ["x-api-key"] },
  };
  const same = await asking.follow(question);
  assert.ok(!Buffer.from(toBinary(FollowRequestSchema, asking.sent)).includes("s3cret"));
  assert.deepEqual([asking.sent.request.headers.length, asking.sent.request.url], [5, "https://-@a.test/"]);
  assert.deepEqual(
    same.raw.warnings.map(({ code }) => code),
    [WarningCode.USERINFO_STRIPPED],
  );
  assert.deepEqual(values(same), { Authorization: "s3cret-1", "X-Plain": "p", cookie: "s3cret-2", "X-Api-Key": "s3cret-3" });
  const crossed = await asking.follow({ ...question, response: { status: 302, headers: [{ name: "Location", value: "https://b.test/" }] } });
  assert.deepEqual(values(crossed), { "X-Plain": "p" });
});

test("a cookie travels when the service keeps cookies, and not otherwise", async () => {
  const asking = telling();
  const request = { method: "GET", url: "https://a.test/", headers: [{ name: "Cookie", value: "a=1" }] };
  const location = { name: "Location", value: "/b" };
  const first = await asking.follow({ request, response: { status: 302, headers: [location, { name: "Set-Cookie", value: "b=2" }] } });
  assert.deepEqual(values(first), { Cookie: "a=1; b=2" });
  const again = fromJson(FollowRequestSchema, { response: { status: 302, headers: [{ name: "Location", value: "/c" }] } });
  const second = await asking.follow({ ...again, request: first.next, chain: first.chain });
  assert.deepEqual(values(second), { Cookie: "a=1; b=2" });
  assert.deepEqual(values(await asking.follow({ request, response: { status: 302, headers: [location] } })), { Cookie: "a=1" });
  assert.equal(asking.sent.request.headers[0].content.case, undefined);
});

test("a reconnect waits 5 seconds at most", () => {
  assert.equal(channelOptions(plaintext())["grpc.max_reconnect_backoff_ms"], 5000);
});

test("a wrong field is told what was meant; URLs, seconds and dates are taken", async () => {
  const wrong = { intent: { purpose: "form_resul", flahs: 1, redirctUris: [], zzzzzzzzzz: 1 }, parameters: { a: ["b"] } };
  await assert.rejects(client(closed).decide(wrong), (error) => {
    const said = Object.fromEntries(error.violations.map(({ field, description }) => [field, description]));
    assert.match(said["intent.purpose"], /did you mean form_result\?$/);
    assert.equal(said["intent.flahs"], "unknown field; did you mean flash?");
    assert.equal(said["intent.redirctUris"], "unknown field; did you mean redirectUris?");
    assert.match(said["intent.zzzzzzzzzz"], /^unknown field; expected one of purpose, target, /);
    assert.equal(said["parameters.a"], "expected a text");
    return true;
  });
  const target = new URL("https://a.test/b");
  const question = {
    request: { method: "GET", url: new URL("https://a.test/") },
    now: new Date(0),
    intent: { purpose: "temporary_move", target, cache: { maxAge: 60 } },
  };
  const taken = await client(address, { ...PATIENT, onError: "raise" }).decide(question);
  assert.deepEqual([taken.header("Location"), taken.header("Cache-Control")], ["https://a.test/b", "max-age=60"]);
  await assert.rejects(client(closed).decide({ intent: { target: "/\ud800" } }), code("INVALID_ARGUMENT"));
});

test("what is no question at all says so", async () => {
  await assert.rejects(client(closed).decide(7), { message: "INVALID_ARGUMENT: expected an object" });
});
