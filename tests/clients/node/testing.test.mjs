// The fake answers only the questions that it knows.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";

import express from "express";
import { FingerpostError } from "fingerpost";
import { Fingerpost } from "fingerpost/express";
import { followingFetch } from "fingerpost/fetch";
import { DecideResponseSchema, FollowResponseSchema } from "fingerpost/messages";
import { FakeClient, NoRow } from "fingerpost/testing";

import { asJson, rows } from "./rows.mjs";
import { client, PATIENT, service } from "./support.mjs";

const ORDER = { request: { method: "POST", url: "https://shop.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };
const ORDERED = {
  decide: { request: { method: "POST" }, intent: ORDER.intent },
  answer: { outcome: "redirect", status: 303, headers: [{ name: "Location", value: "/orders/1" }] },
};

let real;
before(async () => {
  real = client(await service(), { ...PATIENT, onError: "raise" });
});

for (const kind of ["decide", "follow"]) {
  test(`what the service answered is a row: ${kind}`, async () => {
    let count = 0;
    for (const row of rows(kind)) {
      let answer;
      try {
        answer = await real[kind](row[kind]);
      } catch {
        continue;
      }
      const json = ({ raw }) => asJson(kind === "decide" ? DecideResponseSchema : FollowResponseSchema, raw);
      const fake = new FakeClient([{ [kind]: row[kind], answer: json(answer) }], { onError: "raise" });
      assert.deepEqual(json(await fake[kind](row[kind])), json(answer), row.name);
      assert.equal(fake.questions.length, 1);
      count += 1;
    }
    assert.ok(count > 500, "the corpus is missing");
  });
}

test("an error of the service is a row", async () => {
  const violations = [{ field: "intent.target", description: "expected a path" }];
  const wrong = { decide: ORDER, error: { code: "INVALID_ARGUMENT", reason: "invalid_fields", violations } };
  await assert.rejects(new FakeClient([wrong]).decide(ORDER), (error) => {
    assert.deepEqual([error.code, error.reason, error.violations.map(({ field }) => field)], ["INVALID_ARGUMENT", "INVALID_FIELDS", ["intent.target"]]);
    return true;
  });
});

test("a question without a row is an error that shows it", async () => {
  const fake = new FakeClient([ORDERED]);
  assert.equal((await fake.decide(ORDER)).status, 303);
  const shown = (error) => error instanceof NoRow && /no row for this question.*PURPOSE_FORM_RESULT/.test(error.message);
  for (const more of [{ pinned_status: 303 }, { target: "/orders/2" }, { target: "${any}" }, { trust: "caller" }]) {
    await assert.rejects(fake.decide({ ...ORDER, intent: { ...ORDER.intent, ...more } }), shown);
  }
  await assert.rejects(fake.decide({ request: { method: "PUT" }, intent: ORDER.intent }), shown);
  await assert.rejects(fake.decide({ request: ORDER.request }), NoRow);
  assert.equal(fake.questions.length, 7);
});

test("the first row that fits answers, from a list or a file", async () => {
  const named = { intent_name: "order", parameters: { id: "7" } };
  const own = [
    { decide: named, answer: { outcome: "refuse" } },
    { decide: named, answer: { outcome: "pass" } },
  ];
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-rows-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "rows.json");
  writeFileSync(file, JSON.stringify(own));
  for (const given of [own, file]) {
    const fake = new FakeClient(given);
    assert.equal((await fake.decide({ request: { method: "POST" }, intentName: "order", parameters: { id: "7" } })).outcome, "REFUSE");
    await assert.rejects(fake.decide({ intentName: "order", parameters: { id: "8" } }), NoRow);
  }
});

test("a row that is none is refused at once", () => {
  for (const row of [{}, { answer: {} }, { decide: { porpoise: 1 }, answer: {} }, { decide: {} }, { decide: {}, answer: { satus: 303 } }]) {
    assert.throws(() => new FakeClient([row]), JSON.stringify(row));
  }
});

test("fields are known by their names, and others may stand beside", async () => {
  const row = {
    follow: { request: { headers: [{ name: "AUTHORIZATION", value: "s3cret" }] }, response: { status: 302 } },
    answer: { stop: { reason: "no_location", error: true } },
  };
  const headers = [
    { name: "X", value: "x" },
    { name: "authorization", value: "another" },
  ]; // The fake sees no more of it than the service would.
  const question = { request: { method: "GET", url: "https://a.test/", headers }, response: { status: 302 } };
  assert.equal((await new FakeClient([row]).follow(question)).stop, "NO_LOCATION");
  await assert.rejects(new FakeClient([row]).follow({ ...question, request: { headers: headers.slice(0, 1) } }), NoRow);
});

test("an outage is the real client's", async () => {
  const fake = new FakeClient();
  fake.error = new FingerpostError("UNAVAILABLE", "down");
  const answer = await fake.decide(ORDER);
  assert.deepEqual([answer.source, answer.status, answer.error.code], ["FALLBACK", 303, "UNAVAILABLE"]);
  const closed = new FakeClient([], { onError: "raise" });
  closed.error = fake.error;
  await assert.rejects(closed.decide(ORDER), FingerpostError);
});

test("in Express, and in fetch", async (t) => {
  const fp = new Fingerpost(new FakeClient([ORDERED]));
  const app = express();
  app.post("/orders", (req, res) => fp.redirect(res, "form_result", "/orders/1"));
  app.get("/orders/1", (req, res) => void res.send(`${req.method} ${fp.flash(res)}`));
  const server = createServer(app).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const placed = await fetch(`${url}/orders`, { method: "POST", redirect: "manual" });
  assert.deepEqual([placed.status, placed.headers.get("location")], [303, "/orders/1"]);
  const row = {
    follow: { request: { url: `${url}/orders` }, response: { status: 303 } },
    answer: { next: { method: "GET", url: `${url}/orders/1` }, changes: [{ kind: "method", value: "GET" }] },
  };
  const page = await followingFetch(new FakeClient([row]))(`${url}/orders`, { method: "POST" });
  assert.equal(await page.text(), "GET ");
});
