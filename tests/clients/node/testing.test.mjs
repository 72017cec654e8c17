// The fake is the engine with a policy: the service's own answers, without a service.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import express from "express";
import { Decision, FingerpostError } from "fingerpost";
import { Fingerpost } from "fingerpost/express";
import { followingFetch } from "fingerpost/fetch";
import { FakeClient } from "fingerpost/testing";

const ORDER = { request: { method: "POST", url: "https://shop.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };
const MANUAL = { request: { method: "GET", url: "https://shop.test/manual" } };
const RULES = [{ id: "docs", match: { path: "/manual" }, intent: { purpose: "permanent_move", target: "/docs" } }];
const POLICY = { rules: RULES, intents: { order: { intent: { purpose: "form_result", target: "/orders/{id}" } } } };

test("it answers as the service does with that policy, an object or a text", async () => {
  for (const policy of [POLICY, JSON.stringify(POLICY)]) {
    const fake = new FakeClient(policy);
    const moved = await fake.decide(MANUAL);
    assert.deepEqual([moved.source, moved.status, moved.header("Location"), moved.rule], ["ENGINE", 308, "/docs", "docs"]);
    assert.ok(moved instanceof Decision);
    const named = await fake.decide({ request: ORDER.request, intentName: "order", parameters: { id: "7" } });
    assert.deepEqual([named.status, named.header("Location")], [303, "/orders/7"]);
    assert.equal((await fake.decide(ORDER)).header("Location"), "/orders/1");
    assert.equal((await fake.follow({ request: MANUAL.request, response: { status: 304 } })).stop, "STATUS_NOT_FOLLOWED");
    assert.deepEqual([fake.questions.length, fake.questions[0].request.url], [4, "https://shop.test/manual"]);
    assert.deepEqual([await fake.ready(), fake.policy.state, fake.policy.version === moved.policyVersion], [true, "READY", true]);
    await fake.close();
  }
});

test("a policy or a question that is wrong is refused at once, with its fields", async () => {
  for (const [policy, field] of [
    [{ rules: [{ id: "x", match: { path: "docs" } }] }, "rules[0].match.path"],
    [{ ruels: [] }, "ruels"],
    ["{", ""],
  ]) {
    assert.throws(
      () => new FakeClient(policy),
      (error) => error instanceof FingerpostError && error.violations.some((violation) => violation.field === field),
    );
  }
  await assert.rejects(new FakeClient().decide({ ...MANUAL, intentName: "nobody" }), { code: "NOT_FOUND" });
  await assert.rejects(new FakeClient().decide({ porpoise: 1 }), { code: "INVALID_ARGUMENT" });
});

test("an outage is the real client's, for a process that has no policy yet", async () => {
  const fake = new FakeClient(POLICY, { logger: { warn() {} } });
  fake.error = new FingerpostError("UNAVAILABLE", "down");
  const answer = await fake.decide(ORDER);
  assert.deepEqual([answer.source, answer.status, answer.error.code], ["FALLBACK", 303, "UNAVAILABLE"]);
  assert.equal((await fake.decide(MANUAL)).outcome, "PASS");
  await assert.rejects(fake.decide({ ...ORDER, intent: { purpose: "form_result", target: "https://evil.test/" } }), { code: "UNAVAILABLE" });
  fake.error = undefined;
  assert.equal((await fake.decide(MANUAL)).status, 308);
  const closed = new FakeClient(POLICY, { onError: "raise", logger: { warn() {} } });
  closed.error = new FingerpostError("UNAVAILABLE", "down");
  await assert.rejects(closed.decide(ORDER), FingerpostError);
});

test("in Express, and in fetch", async (t) => {
  const fp = new Fingerpost(new FakeClient(POLICY));
  const app = express();
  app.use(fp.rules);
  app.post("/orders", (req, res) => fp.redirect(res, "form_result", "/orders/1"));
  app.get("/orders/1", (req, res) => void res.send(`${req.method} ${fp.flash(res)}`));
  const server = createServer(app).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const placed = await fetch(`${url}/orders`, { method: "POST", redirect: "manual" });
  assert.deepEqual([placed.status, placed.headers.get("location")], [303, "/orders/1"]);
  assert.equal((await fetch(`${url}/manual`, { redirect: "manual" })).status, 308);
  const page = await followingFetch(new FakeClient())(`${url}/orders`, { method: "POST" });
  assert.equal(await page.text(), "GET ");
});
