// Answers inside the process: by the policy that the service hands out, counted there, and with the service away (client/README.md, "The engine inside").
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, FingerpostError, plaintext } from "fingerpost";
import { followingFetch } from "fingerpost/fetch";
import { DecideResponseSchema, Outcome, PolicySchema, Purpose, WatchPolicyResponseSchema } from "fingerpost/messages";

import { keeping } from "./apps.mjs";
import { closedPort, fake, PATIENT, policyService, service, until } from "./support.mjs";
import { constant, engineOf, moduleOf, UNREACHABLE } from "./wasm.mjs";

const PACKAGE = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "fingerpost-inside-"));
const clients = new Set();
after(async () => {
  for (const one of clients) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

const RULED = { request: { method: "GET", url: "https://a.test/old" } };
const FORM = { request: { method: "POST", url: "https://a.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };
const HOP = { request: { method: "GET", url: "https://a.test/" }, response: { status: 302, headers: [{ name: "Location", value: "/b" }] } };
const SERVICE = create(DecideResponseSchema, { outcome: Outcome.PASS, policyVersion: "the service's" });

/** The octets of a policy that leads /old somewhere, as the service hands it out. */
function policy(version, target = "/new", more = {}) {
  const intent = { purpose: Purpose.PERMANENT_MOVE, target };
  const rules = [{ id: "moved", match: { pathPattern: { case: "path", value: "/old" } }, wish: { case: "intent", value: intent } }];
  return toBinary(PolicySchema, create(PolicySchema, { rules, handedOut: { version }, ...more }));
}

const saying = (version, ...words) => create(WatchPolicyResponseSchema, { version, policy: policy(version, ...words) });

function inside(address, options = {}) {
  const asking = new Client(address, plaintext(), { ...PATIENT, logger: keeping(), ...options });
  clients.add(asking);
  return asking;
}

/** A service with a policy, and a client that has it. */
async function ready(options, served) {
  const service = await policyService(served);
  service.say(saying("one"));
  const asking = inside(service.address, options);
  assert.equal(await asking.ready(60_000), true);
  return { service, asking };
}

describe("the policy", () => {
  test("comes, answers here, and a new one answers from then on", async () => {
    const { service, asking } = await ready();
    assert.deepEqual([asking.policy.state, asking.policy.version, asking.policy.problems], ["READY", "one", []]);
    let answer = await asking.decide(RULED);
    assert.deepEqual([answer.source, answer.status, answer.header("Location"), answer.policyVersion, answer.rule], ["ENGINE", 308, "/new", "one", "moved"]);
    assert.equal(answer.raw.policyVersion, "one");
    service.say(saying("two", "/newer"));
    assert.ok(await until(() => asking.policy.version === "two"));
    answer = await asking.decide(RULED);
    assert.deepEqual([answer.header("Location"), answer.policyVersion], ["/newer", "two"]);
    assert.equal(service.questions.length, 0);
  });

  test("goes on answering while the service is away, and says since when", async () => {
    const { service, asking } = await ready();
    const { since } = asking.policy;
    service.away = true;
    service.end("UNAVAILABLE");
    assert.ok(await until(() => asking.policy.state === "STALE"));
    assert.ok(asking.policy.since >= since);
    assert.equal((await asking.decide(RULED)).source, "ENGINE");
    assert.ok(await until(() => asking.policy.problems.length > 0));
    assert.match(asking.policy.problems[0], /^no policy comes from the service: UNAVAILABLE: /);
    service.away = false;
    assert.ok(await until(() => asking.policy.state === "READY"));
    assert.deepEqual([asking.policy.problems, asking.logger.lines.length], [[], 1]);
  });

  test("is asked for anew when the stream ends, but for the version that is here", async () => {
    const selector = { hosts: ["a.test"], intents: ["order"] };
    const service = await policyService();
    service.say(saying("one", "/new", { handedOut: { version: "one", selector } }));
    const asking = inside(service.address, { selector });
    assert.equal(await asking.ready(60_000), true);
    service.said = [create(WatchPolicyResponseSchema, { version: "one" })];
    service.end();
    assert.ok(await until(() => service.asked.length === 2 && asking.policy.state === "READY"));
    assert.deepEqual(
      service.asked.map(({ knownVersion, selector }) => [knownVersion, selector.hosts, selector.intents]),
      [
        ["", ["a.test"], ["order"]],
        ["one", ["a.test"], ["order"]],
      ],
    );
    assert.equal((await asking.decide(RULED)).policyVersion, "one");
  });

  for (const [what, octets] of [
    ["octets that are no message", new Uint8Array([255, 255, 255])],
    ["a field that only a newer service knows", new Uint8Array([...policy("new"), 0xfa, 0x3f, 1, 7])],
    ["no octets", new Uint8Array()],
    ["octets without handed_out", policy("new", "/x", { handedOut: undefined })],
    ["octets without a version", policy("new", "/x", { handedOut: {} })],
    ["octets of another version", policy("newer")],
    ["another part", policy("new", "/x", { handedOut: { version: "new", selector: { hosts: ["b.test"] } } })],
    ["a version without its octets", undefined],
  ]) {
    test(`stays when what comes cannot be used: ${what}`, async () => {
      const { service, asking } = await ready();
      for (let i = 0; i < 2; i += 1) service.say(create(WatchPolicyResponseSchema, { version: "new", policy: octets }));
      assert.ok(await until(() => asking.policy.problems.length > 0));
      assert.match(asking.policy.problems[0], /^the policy new was not taken, the last one stays: /);
      assert.deepEqual([asking.policy.state, asking.policy.version, (await asking.decide(RULED)).policyVersion], ["READY", "one", "one"]);
      service.say(saying("good"));
      assert.ok(await until(() => asking.policy.version === "good"));
      assert.deepEqual(asking.policy.problems, []);
      assert.equal(asking.logger.lines.length, 1, "the log has it once");
    });
  }

  test("has problems of its files, which the service tells", async () => {
    const { service, asking } = await ready();
    const problems = [{ place: "shop.yaml:12:5", field: "rules[3].match.path", description: "expected\na path" }];
    service.say(create(WatchPolicyResponseSchema, { version: "one", problems }));
    assert.ok(await until(() => asking.policy.problems.length > 0));
    assert.deepEqual(asking.policy.problems, ["shop.yaml:12:5: rules[3].match.path: expected\na path"]);
    assert.deepEqual(asking.logger.lines, ["fingerpost: shop.yaml:12:5: rules[3].match.path: expected?a path"]);
    service.say(create(WatchPolicyResponseSchema, { version: "one" }));
    assert.ok(await until(() => asking.policy.problems.length === 0));
  });

  test("of fingerpostd: a change of its file, and one that is wrong", async () => {
    const file = join(folder, "rules.yaml");
    const written = (target, path = "/old") => {
      writeFileSync(`${file}.new`, `rules: [{id: moved, match: {path: ${path}}, intent: {purpose: permanent_move, target: ${target}}}]\n`);
      renameSync(`${file}.new`, file);
    };
    written("/new");
    const address = await service("--policy", file);
    const asking = inside(address, { engine: "local" });
    assert.ok(await asking.ready(60_000));
    const told = await new Client(address, plaintext(), { engine: "remote" }).decide(RULED, PATIENT);
    const answer = await asking.decide(RULED);
    assert.deepEqual([answer.source, answer.headers, answer.policyVersion], ["ENGINE", told.headers, told.policyVersion]);
    written("/newer");
    assert.ok(await until(() => asking.policy.version !== told.policyVersion));
    assert.equal((await asking.decide(RULED)).header("Location"), "/newer");
    written("/newest", "old");
    assert.ok(await until(() => asking.policy.problems.length > 0));
    assert.match(asking.policy.problems[0], /rules\.yaml:1:\d+: rules\[0\]\.match\.path: /);
    assert.equal((await asking.decide(RULED)).header("Location"), "/newer");
  });

  test("of a service that hands out none: it is asked", async () => {
    const asking = inside((await fake(SERVICE)).address);
    assert.equal(await asking.ready(60_000), true);
    const answer = await asking.decide(RULED);
    assert.deepEqual([answer.source, answer.policyVersion, asking.policy.state], ["SERVICE", "the service's", "NONE"]);
    assert.ok(await until(() => asking.policy.problems.length > 0));
    assert.match(asking.policy.problems[0], /UNIMPLEMENTED/);
  });

  test("a selector is texts", () => {
    for (const selector of [{ hosts: "a.test" }, { intents: [1] }]) assert.throws(() => inside(closedPort(), { selector }), TypeError);
    assert.throws(() => inside(closedPort(), { engine: "inside" }), TypeError);
  });
});

describe("where an answer is made", () => {
  // A map whose rows stayed in the service.
  const left = { maps: [{ name: "big", file: "big.csv" }], rules: [] };
  const unanswered = create(WatchPolicyResponseSchema, { version: "maps", policy: policy("maps", "", left) });

  test("auto: what the engine leaves to the service is asked there", async () => {
    const service = await policyService({ answer: SERVICE });
    service.say(unanswered);
    const asking = inside(service.address);
    assert.ok(await asking.ready(60_000));
    assert.equal(asking.policy.version, "maps");
    const answer = await asking.decide(RULED);
    assert.deepEqual([answer.source, answer.policyVersion], ["SERVICE", "the service's"]);
    assert.equal(service.questions[0].now, undefined, "the service has a clock of its own");
  });

  test("local: it is an outage, and nobody is asked", async () => {
    const service = await policyService({ answer: SERVICE });
    service.say(unanswered);
    const asking = inside(service.address, { engine: "local" });
    assert.ok(await asking.ready(60_000));
    const answer = await asking.decide(RULED);
    assert.deepEqual([answer.outcome, answer.source, answer.error.reason], ["PASS", "FALLBACK", "NOT_IMPLEMENTED"]);
    await assert.rejects(inside(service.address, { engine: "local", onError: "raise" }).decide(RULED), { code: "UNAVAILABLE" });
    assert.equal(service.questions.length, 0);
  });

  test("remote: by the service; the policy is not asked for", async () => {
    const service = await policyService({ answer: SERVICE });
    service.say(saying("one"));
    const asking = inside(service.address, { engine: "remote" });
    assert.equal(await asking.ready(60_000), true);
    assert.equal((await asking.decide(RULED)).source, "SERVICE");
    assert.deepEqual([asking.policy.state, service.asked.length], ["NONE", 0]);
  });

  test("a wrong question is an error here as there", async () => {
    const { asking, service } = await ready();
    await assert.rejects(asking.decide({ request: { method: "PO ST" }, intent: { purpose: "form_result" } }), (error) => {
      assert.deepEqual(
        [error.code, error.reason, error.violations.map(({ field }) => field)],
        ["INVALID_ARGUMENT", "INVALID_FIELDS", ["request.method", "intent.target"]],
      );
      return error instanceof FingerpostError;
    });
    await assert.rejects(asking.decide({ request: { method: "GET" }, intentName: "nobody" }), { code: "NOT_FOUND", reason: "UNKNOWN_INTENT" });
    await assert.rejects(asking.follow({ ...HOP, response: { status: 9 } }), { code: "INVALID_ARGUMENT" });
    assert.equal(service.questions.length, 0);
  });

  test("following needs no policy and no service, and keeps no secret back", async () => {
    const headers = [
      { name: "Authorization", value: "Bearer s3cret" },
      { name: "X", value: "x" },
    ];
    const asking = inside(closedPort());
    const values = ({ next }) => next.headers.map(({ name, content }) => [name, content.value]);
    const stays = await asking.follow({ ...HOP, request: { ...HOP.request, headers } });
    assert.deepEqual(
      [stays.source, stays.next.url, values(stays)],
      [
        "ENGINE",
        "https://a.test/b",
        [
          ["Authorization", "Bearer s3cret"],
          ["X", "x"],
        ],
      ],
    );
    const away = { status: 302, headers: [{ name: "Location", value: "https://b.test/" }] };
    const leaves = await asking.follow({ request: { ...HOP.request, headers }, response: away });
    assert.deepEqual([leaves.next.url, values(leaves)], ["https://b.test/", [["X", "x"]]]);
  });

  test("fetch follows without any client", async () => {
    const stop = await followingFetch(undefined, { denyPrivateAddresses: true })("http://169.254.169.254/").catch((error) => error);
    assert.deepEqual([stop.name, stop.hop.stop, stop.hop.source], ["Stopped", "TARGET_NOT_ALLOWED", "ENGINE"]);
  });
});

describe("what was answered", () => {
  test("is reported, when the client is closed at the latest", async () => {
    const { service, asking } = await ready();
    for (let i = 0; i < 3; i += 1) await asking.decide(RULED);
    await asking.decide(FORM);
    await asking.follow(HOP);
    await asking.close();
    assert.equal(service.reports.length, 1);
    const [{ policyVersion, rules, decisions, follows, agent }] = service.reports;
    assert.deepEqual([policyVersion, rules.map(({ name, hits }) => [name, hits])], ["one", [["moved", 3n]]]);
    assert.deepEqual([decisions.reduce((sum, { hits }) => sum + hits, 0n), follows.reduce((sum, { hits }) => sum + hits, 0n)], [4n, 1n]);
    assert.match(agent, /^node\/\d+\.\d+\.\d+$/);
  });

  test("by a policy that is gone is reported, too", async () => {
    const { service, asking } = await ready();
    await asking.decide(RULED);
    service.say(saying("two"));
    assert.ok(await until(() => asking.policy.version === "two"));
    await asking.decide(RULED);
    await asking.close();
    assert.deepEqual(
      service.reports.map(({ policyVersion }) => policyVersion),
      ["one", "two"],
    );
  });

  test("is kept while nobody takes it", async () => {
    const { service, asking } = await ready();
    await asking.decide(RULED);
    service.away = true;
    service.end("UNAVAILABLE");
    assert.ok(await until(() => asking.policy.state === "STALE"));
    await asking.decide(RULED);
    service.away = false;
    assert.ok(await until(() => asking.policy.state === "READY"));
    await asking.close();
    assert.deepEqual(
      service.reports.map(({ rules }) => rules[0].hits),
      [2n],
    );
  });

  test("is not sent twice", async () => {
    const { service, asking } = await ready({}, { report: "UNAVAILABLE" });
    await asking.decide(RULED);
    await asking.close();
    await asking.close();
    assert.equal(service.reports.length, 1);
  });
});

describe("the last good policy on disk", () => {
  let number = 0;
  const path = () => join(folder, `policy.${(number += 1)}`);
  const without = (policyFile, options = {}) => inside(closedPort(), { policyFile, ...options });

  test("is for its owner alone, and answers without the service", async () => {
    const policyFile = path();
    const { asking } = await ready({ policyFile });
    await asking.close();
    assert.deepEqual([statSync(policyFile).mode & 0o777, Buffer.from(policy("one")).equals(readFileSync(policyFile))], [0o600, true]);
    const alone = without(policyFile);
    assert.deepEqual([alone.policy.state, alone.policy.version], ["STALE", "one"]);
    assert.equal(alone.policy.since.getTime(), statSync(policyFile).mtime.getTime());
    assert.equal((await alone.decide(RULED)).source, "ENGINE");
    const fallback = await without(policyFile, { engine: "remote" }).decide(RULED);
    assert.deepEqual([fallback.source, fallback.header("Location"), fallback.error.code], ["FALLBACK", "/new", "UNAVAILABLE"]);
  });

  test("is the newest", async () => {
    const policyFile = path();
    const { service, asking } = await ready({ policyFile });
    for (let i = 0; i < 5; i += 1) service.say(saying(`next${i}`));
    assert.ok(await until(() => asking.policy.version === "next4"));
    await asking.close();
    assert.ok(Buffer.from(policy("next4")).equals(readFileSync(policyFile)));
  });

  for (const [what, octets, options] of [
    ["cut off", policy("one").subarray(0, -4)],
    ["cut off between two fields", toBinary(PolicySchema, create(PolicySchema, { rules: fromBinary(PolicySchema, policy("one")).rules }))],
    ["empty", new Uint8Array()],
    ["another part of the policy", policy("one"), { selector: { hosts: ["a.test"] } }],
    ["no message", Buffer.from("rules: []\n")],
  ]) {
    test(`is not read where it is ${what}`, async () => {
      const policyFile = path();
      writeFileSync(policyFile, octets);
      const alone = without(policyFile, options);
      assert.deepEqual([alone.policy.state, alone.policy.problems.length, alone.logger.lines.length], ["NONE", 1, 1]);
      assert.equal((await alone.decide(RULED)).outcome, "PASS");
    });
  }

  test("is the same part however it is spelled", async () => {
    const policyFile = path();
    const rules = join(folder, "spelled.yaml");
    writeFileSync(rules, "rules: [{id: moved, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}]");
    const hosts = ["*.B.Test", "A.test.", "a.test", "[0:0::1]", "B\u00fccher.test"];
    const asking = inside(await service("--policy", rules), { policyFile, selector: { hosts, intents: ["order", "cancel", "order"] } });
    assert.ok(await asking.ready(60_000));
    assert.deepEqual([asking.policy.state, asking.policy.problems], ["READY", []]);
    await asking.close();
    assert.equal(without(policyFile, { selector: { hosts: hosts.reverse(), intents: ["cancel", "order"] } }).policy.state, "STALE");
    assert.match(without(policyFile, { selector: { hosts: ["a.test"] } }).policy.problems[0], /another part/);
  });

  for (const [what, make, why] of [
    ["a FIFO", (file) => execFileSync("mkfifo", [file]), /no regular file/],
    ["a folder", (file) => mkdirSync(file), /no regular file/],
    ["a device", (file) => symlinkSync("/dev/null", file), /no regular file/],
    ["a loop", (file) => symlinkSync(file, file), /ELOOP/],
    ["a long name", () => "x".repeat(300), /ENAMETOOLONG/],
    ["a NUL", () => "x\0y", /null/],
  ]) {
    test(`is neither read nor written where the path is ${what}`, async () => {
      const made = path();
      const given = make(made);
      const named = typeof given === "string" ? given : made;
      assert.match(without(named).policy.problems[0], why);
      const { asking } = await ready({ policyFile: named });
      await asking.close();
      assert.match(asking.policy.problems.join(), /was not written/);
    });
  }

  test("stays behind its link", async () => {
    const [link, real] = [path(), path()];
    symlinkSync(real, link);
    for (let i = 0; i < 2; i += 1) {
      const { asking } = await ready({ policyFile: link });
      await asking.close();
      assert.ok(lstatSync(link).isSymbolicLink() && Buffer.from(policy("one")).equals(readFileSync(real)));
    }
  });

  test("that cannot be written is a problem, and no more", async () => {
    const { asking } = await ready({ policyFile: join(folder, "nowhere", "policy") });
    assert.ok(await until(() => asking.policy.problems.length > 0));
    assert.match(asking.policy.problems[0], /^policyFile .* was not written: ENOENT/);
    assert.equal((await asking.decide(RULED)).source, "ENGINE");
  });
});

describe("an engine that is none", () => {
  /** A copy of the package with other octets for the module. */
  async function broken(name, octets) {
    const copy = join(PACKAGE, `dist-${name}`);
    rmSync(copy, { recursive: true, force: true });
    cpSync(join(PACKAGE, "dist"), copy, { recursive: true });
    after(() => rmSync(copy, { recursive: true, force: true }));
    if (octets === undefined) rmSync(join(copy, "fingerpost.wasm"));
    else writeFileSync(join(copy, "fingerpost.wasm"), octets);
    return import(join(copy, "index.js"));
  }
  const whole = () => readFileSync(join(PACKAGE, "dist/fingerpost.wasm"));

  for (const [name, octets, why] of [
    ["missing", () => undefined, /ENOENT/],
    ["cut", () => whole().subarray(0, 100_000), /fingerpost\.wasm/],
    ["foreign", () => moduleOf({}), /not Fingerpost's/],
    ["older", () => moduleOf(engineOf({ abi: [0, constant(1)] })), /ABI 1/],
    ["part", () => moduleOf(engineOf({ decide: undefined })), /no fingerpost_decide/],
    ["demanding", () => moduleOf(engineOf(), { imports: [["env", "open"]] }), /env\.open/],
  ]) {
    test(`${name}: the service is asked, and the log says it once; alone it is an error`, async () => {
      const theirs = await broken(name, octets());
      const service = await policyService({ answer: SERVICE });
      const logger = keeping();
      const asking = new theirs.Client(service.address, theirs.plaintext(), { ...PATIENT, logger });
      clients.add(asking);
      for (let i = 0; i < 2; i += 1) assert.equal((await asking.decide(RULED)).source, "SERVICE");
      assert.match(asking.policy.problems[0], why);
      assert.equal(logger.lines.length, 1);
      assert.throws(() => new theirs.Client(service.address, theirs.plaintext(), { engine: "local", logger }), why);
      const away = new theirs.Client(closedPort(), theirs.plaintext(), { ...PATIENT, logger });
      clients.add(away);
      await assert.rejects(away.decide(FORM), { code: "UNAVAILABLE" });
      assert.deepEqual([(await away.decide(RULED)).outcome, (await away.follow(HOP)).stop], ["PASS", "SERVICE_UNAVAILABLE"]);
    });
  }

  test("one that fails: the service is asked", async () => {
    const theirs = await broken("failing", moduleOf(engineOf({ decide: [6, UNREACHABLE], follow: [6, constant(5)] })));
    const service = await policyService({ answer: SERVICE });
    service.say(saying("one"));
    const asking = new theirs.Client(service.address, theirs.plaintext(), { ...PATIENT, logger: keeping() });
    clients.add(asking);
    assert.ok(await asking.ready(60_000));
    for (let i = 0; i < 3; i += 1) assert.equal((await asking.decide(RULED)).source, "SERVICE");
  });
});

test("a process ends though its client is not closed", async () => {
  const service = await policyService();
  service.say(saying("one"));
  const program = `
    import { Client, plaintext } from ${JSON.stringify(join(PACKAGE, "dist/index.js"))};
    const client = new Client(${JSON.stringify(service.address)}, plaintext());
    await client.ready(60_000);
    console.log((await client.decide(${JSON.stringify(RULED)})).source);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"], timeout: 60_000 });
  const [printed, code] = await Promise.all([child.stdout.toArray(), new Promise((resolve) => child.on("close", resolve))]);
  assert.deepEqual([Buffer.concat(printed).toString(), code], ["ENGINE\n", 0]);
});

test("a hundred policies, one after the other, take no more memory", async () => {
  const { service, asking } = await ready();
  const rules = Array.from({ length: 300 }, (_, i) => ({
    id: `rule${i}`,
    match: { pathPattern: { case: "path", value: `/old${i}` } },
    wish: { case: "intent", value: { purpose: Purpose.PERMANENT_MOVE, target: `/new${i}` } },
  }));
  const next = async (i) => {
    service.say(saying(`v${i}`, "", { rules }));
    assert.ok(await until(() => asking.policy.version === `v${i}`));
    await asking.decide(RULED);
  };
  for (let i = 0; i < 20; i += 1) await next(i);
  const before = process.memoryUsage().rss;
  for (let i = 20; i < 100; i += 1) await next(i);
  assert.ok(process.memoryUsage().rss < before + 64e6);
});
