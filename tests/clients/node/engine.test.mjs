// The engine's module in this process answers as the service does, octet for octet, and bad input is an error (service/engine/fingerpost.h).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import {
  BatchDecideRequestSchema,
  BatchDecideResponseSchema,
  DecideRequestSchema,
  DecideResponseSchema,
  ErrorSchema,
  FollowRequestSchema,
  FollowResponseSchema,
  PolicySchema,
  RedirectServiceDefinition,
} from "fingerpost/messages";

import { decisionOf } from "../dist/answers.js";
import { octetsOf } from "../dist/encode.js";
import { Engine, EngineError } from "../dist/engine.js";
import { message } from "../dist/questions.js";
import { asJson, rows } from "./rows.mjs";
import { service } from "./support.mjs";
import { constant, engineOf, moduleOf, UNREACHABLE } from "./wasm.mjs";

const WASM = new WebAssembly.Module(readFileSync(new URL("../dist/fingerpost.wasm", import.meta.url)));
const KINDS = { decide: [DecideRequestSchema, DecideResponseSchema], follow: [FollowRequestSchema, FollowResponseSchema] };
const NOW = create(TimestampSchema, { seconds: 1769860800n });
const NOTHING = new Uint8Array();
const FORM = { request: { method: "POST", url: "https://a.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };

const engine = () => Engine.instantiate(WASM);
const formOctets = () => Uint8Array.from(octetsOf(DecideRequestSchema, FORM));

/** Every question of the corpus that is a message. */
function* questions(kind) {
  for (const row of rows(kind)) {
    try {
      yield { name: row.name, json: row[kind], question: message(KINDS[kind][0], row[kind]) };
    } catch {
      continue; // The client says that it is none.
    }
  }
}

describe("the corpus", () => {
  let asking, policy;
  before(async () => {
    const octets = (method) => ({ ...method, requestSerialize: Buffer.from, responseDeserialize: (answer) => answer });
    const raw = Object.fromEntries(Object.entries(RedirectServiceDefinition).map(([name, method]) => [name, octets(method)]));
    asking = new (makeGenericClientConstructor(raw))(await service(), credentials.createInsecure());
    const told = await call("decide", formOctets());
    policy = engine().open(NOTHING, fromBinary(DecideResponseSchema, told).policyVersion);
  });
  const call = (kind, question) =>
    new Promise((resolve, reject) => asking[kind](question, { deadline: Date.now() + 60_000 }, (error, answer) => (error ? reject(error) : resolve(answer))));

  for (const kind of ["decide", "follow"]) {
    test(`every ${kind} row: the engine's octets are the service's`, async () => {
      let [answers, errors] = [0, 0];
      for (const { name, question } of questions(kind)) {
        const octets = toBinary(KINDS[kind][0], { ...question, now: question.now ?? NOW, ...(kind === "decide" && { draw: question.draw ?? 7 }) });
        const mine = policy[kind](octets);
        const theirs = await call(kind, octets).catch((error) => error);
        if (theirs instanceof Error) {
          assert.ok(!mine.ok, name);
          assert.equal(fromBinary(ErrorSchema, mine.error).message, theirs.details, name);
          errors += 1;
        } else {
          assert.ok(mine.ok, `${name}: ${!mine.ok && fromBinary(ErrorSchema, mine.error).message}`);
          assert.ok(Buffer.from(mine.octets).equals(theirs), name);
          answers += 1;
        }
      }
      assert.ok(answers > 500 && errors > 20, `${answers} answers, ${errors} errors`);
    });
  }

  test("every question in octets is that over JSON and a message, with the clock and the chance that it lacks", () => {
    let count = 0;
    for (const [kind, [schema]] of Object.entries(KINDS)) {
      for (const { name, json, question } of questions(kind)) {
        const written = fromBinary(schema, octetsOf(schema, json));
        assert.ok(written.now, name);
        if (kind === "decide") assert.notEqual(written.draw, undefined, name);
        const same = create(schema, { ...question, now: written.now, ...(kind === "decide" && { draw: written.draw }) });
        assert.deepEqual(asJson(schema, written), asJson(schema, same), name);
        if (question.now) assert.deepEqual(written.now, question.now, name);
        assert.deepEqual(octetsOf(schema, question).length > 0, true);
        count += 1;
      }
    }
    assert.ok(count > 1000, `${count}`);
  });

  test("every answer read quickly is that of the whole message", () => {
    let count = 0;
    for (const { name, question } of questions("decide")) {
      const answer = policy.decide(Uint8Array.from(octetsOf(DecideRequestSchema, question)));
      if (!answer.ok) continue;
      const decision = decisionOf(answer.octets, "ENGINE");
      assert.deepEqual(decision, decisionOf(fromBinary(DecideResponseSchema, answer.octets), "ENGINE"), name);
      assert.deepEqual(decision.raw, fromBinary(DecideResponseSchema, answer.octets), name);
      count += 1;
    }
    assert.ok(count > 500, `${count}`);
  });
});

test("octets that are unusual: what the quick way leaves to the other", () => {
  for (const [question, path] of [
    [{ request: { method: "GET", headers: [{ name: "x", rawValue: "gA==" }] } }],
    [{ intent: { purpose: 1, retryAfter: 5, target: new URL("https://a.test/é") } }],
    [{ intent_name: "ordre–é", parameters: { ü: "ß".repeat(200) } }],
    [{ intent: { purpose: "form_result" }, intent_name: "x" }, ""],
    [{ intent: { purpose: "form_resalt" } }, "intent.purpose"],
    [{ request: { method: "a\ud800" } }, "request.method"],
    [{ request: { nome: 1 } }, "request.nome"],
    [{ explain: "yes" }, ""],
    [[], ""],
    [null, ""],
  ]) {
    if (path === undefined) {
      const written = fromBinary(DecideRequestSchema, octetsOf(DecideRequestSchema, question));
      const whole = message(DecideRequestSchema, question);
      assert.deepEqual(asJson(DecideRequestSchema, written), asJson(DecideRequestSchema, { ...whole, now: written.now, draw: written.draw }));
    } else {
      assert.throws(() => octetsOf(DecideRequestSchema, question), { code: "INVALID_ARGUMENT" });
    }
  }
});

test("many questions in one call", () => {
  const requests = Array.from({ length: 300 }, () => fromBinary(DecideRequestSchema, formOctets()));
  const answer = engine()
    .open(NOTHING)
    .batchDecide(toBinary(BatchDecideRequestSchema, create(BatchDecideRequestSchema, { requests })));
  assert.ok(answer.ok);
  assert.equal(fromBinary(BatchDecideResponseSchema, answer.octets).results.length, 300, "an answer larger than the room gets more");
});

test("a policy that is none is refused with every problem", () => {
  const refused = (open, code, reason, field) =>
    assert.throws(open, (error) => {
      assert.ok(error instanceof EngineError && !error.broken);
      assert.deepEqual([error.code, error.reason, error.violations[0]?.field], [code, reason, field]);
      return true;
    });
  const it = engine();
  refused(() => it.open(new Uint8Array([255])), "INVALID_ARGUMENT", "INVALID_FIELDS", "octets");
  refused(() => it.open(NOTHING, "a version"), "INVALID_ARGUMENT", "INVALID_FIELDS", undefined);
  refused(() => it.open(new Uint8Array([0xfa, 0x3f, 1, 7])), "UNIMPLEMENTED", "NOT_IMPLEMENTED", "");
  refused(() => it.openText('{"rules": [{"id": "x", "match": {"path": "y"}, "pass": true}]}'), "INVALID_ARGUMENT", "INVALID_FIELDS", "rules[0].match.path");
  assert.equal(it.open(toBinary(PolicySchema, create(PolicySchema)), "v1").version, "v1");
});

test("text that is no YAML is an error that says where, and breaks the module", () => {
  for (const [text, where] of [
    ["rules: [", /^line 2, column 1: /],
    ['{"rules": ', /./],
  ]) {
    assert.throws(
      () => engine().openText(text),
      (error) => error instanceof EngineError && error.broken && error.reason === "INVALID_FIELDS" && where.test(error.violations[0].description),
    );
  }
});

test("a policy that is closed, and one that is closed twice", () => {
  const policy = engine().open(NOTHING);
  policy.close();
  policy.close();
  assert.throws(() => policy.decide(NOTHING), EngineError);
});

test("ten thousand policies, opened and closed, take no more memory", () => {
  const it = engine();
  const text = JSON.stringify({ rules: [{ id: "x", match: { path: "/x" }, intent: { purpose: "gone" } }] });
  const round = (count) => {
    for (let i = 0; i < count; i += 1) {
      const policy = it.openText(text);
      policy.decide(formOctets());
      policy.close();
    }
    return process.memoryUsage().rss;
  };
  const before = round(1_000);
  assert.ok(round(10_000) <= before + (8 << 20));
});

describe("a module that is not the engine", () => {
  const started = (functions, more) => Engine.instantiate(new WebAssembly.Module(moduleOf(functions, more)));
  for (const [what, functions, more, why] of [
    ["foreign", {}, {}, /not Fingerpost's/],
    ["of another ABI", engineOf({ abi: [0, constant(1)] }), {}, /ABI 1.*for 2/],
    ["of another ABI, with other functions", { fingerpost_abi: [0, constant(3)] }, {}, /ABI 3/],
    ["without a function", engineOf({ take_usage: undefined }), {}, /no fingerpost_take_usage/],
    ["that wants files", engineOf(), { imports: [["env", "open"]] }, /env\.open/],
    ["without memory", engineOf({ alloc: [1, constant(0)] }), {}, /no memory/],
  ]) {
    test(what, () =>
      assert.throws(
        () => started(functions, more),
        (error) => error instanceof EngineError && why.test(error.message),
      ),
    );
  }

  test("that fails is of no use from then on", () => {
    const it = started(engineOf({ decide: [6, UNREACHABLE], follow: [6, constant(0)] }));
    const policy = it.open(NOTHING);
    assert.ok(policy.follow(NOTHING).ok);
    for (const call of [() => policy.decide(NOTHING), () => policy.follow(NOTHING), () => it.open(NOTHING)]) {
      assert.throws(call, (error) => error instanceof EngineError && error.broken);
    }
    policy.close();
  });

  test("that returns what nobody knows, or wants no more room than it has", () => {
    for (const status of [2, 3, 9]) {
      const policy = started(engineOf({ decide: [6, constant(status)] })).open(NOTHING);
      assert.throws(
        () => policy.decide(NOTHING),
        (error) => error.broken,
      );
    }
  });

  test("that wants WASI's functions gets none of this machine's", () => {
    assert.ok(started(engineOf(), { imports: [["wasi_snapshot_preview1", "path_open"]] }));
  });
});
