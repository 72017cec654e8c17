// The fake says what the service says, and never guesses.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

import { asJson, check, rows } from "./rows.mjs";
import { client, PATIENT, service } from "./support.mjs";

const GOLDEN = JSON.parse(readFileSync(new URL("../dist/golden.json", import.meta.url), "utf8"));
const SAMPLES = { scheme: "http", host: "shop.test:8080", page: "a/b?c", path: "orders/7", flash: "Größe: 1,5 m", code: "a b/c", state: "x=y&z" };
const ORDER = { request: { method: "POST", url: "https://shop.test/orders" }, intent: { purpose: "form_result", target: "/orders/1" } };

const filled = (value) => JSON.parse(JSON.stringify(value).replace(/\$\{(\w+)\}/g, (text, name) => SAMPLES[name] ?? text));

let real;
before(async () => {
  real = client(await service(), { ...PATIENT, onError: "raise" });
});

const SHOWN = ["Location", "Cache-Control", "Set-Cookie", "Allow", "WWW-Authenticate", "Referrer-Policy"];
const seen = (decision) => [decision.outcome, decision.status, SHOWN.map((name) => decision.header(name)), decision.reason];

for (const row of GOLDEN) {
  test(`a shipped row answers as the service: ${row.name}`, async () => {
    const fake = new FakeClient();
    if (row.decide) {
      const question = filled(row.decide);
      question.request = { method: "intent" in question ? "POST" : "GET", url: "https://shop.test/here", ...question.request };
      assert.deepEqual(seen(await fake.decide(question)), seen(await real.decide(question)));
    } else {
      const question = filled(row.follow);
      question.request = { method: "GET", url: "https://shop.test/here", ...question.request };
      const [faked, hop] = [await fake.follow(question), await real.follow(question)];
      assert.deepEqual([faked.stop, faked.next?.method, faked.next?.url], [hop.stop, hop.next?.method, hop.next?.url]);
      assert.deepEqual(faked.changes.map(({ kind }) => kind), hop.changes.map(({ kind }) => kind));
    }
    assert.equal(fake.questions.length, 1);
  });
}

test("every row of the corpus can be fed", async () => {
  const [failures, partial] = [[], []];
  let count = 0;
  for (const kind of ["decide", "follow"]) {
    for (const row of rows(kind)) {
      const { expect } = row;
      if (expect.stays_on || expect.error || (kind === "decide" && !("status" in expect) && !expect.outcome)) continue; // No answer is written.
      count += 1;
      try {
        const { raw } = await new FakeClient([row], { onError: "raise" })[kind](row[kind]);
        const json = asJson(kind === "decide" ? DecideResponseSchema : FollowResponseSchema, raw);
        failures.push(...check(expect, json).map((wrong) => `${row.name}: ${wrong}`));
      } catch (error) {
        // Neither Location nor the next URL is written.
        (error instanceof FingerpostError ? partial : failures).push(`${row.name}: ${error.message}`);
      }
    }
  }
  assert.equal(failures.length, 0, `${failures.length} of ${count}:\n${failures.slice(0, 10).join("\n")}`);
  assert.ok(partial.length * 10 < count, partial.slice(0, 10).join("\n"));
  assert.ok(count > 500, "the corpus is missing");
});

test("a question without a row is an error that shows it", async () => {
  for (const more of [{ pinned_status: 303 }, { target: "//evil.test" }, { target: "/\\evil.test" }, { target: "https://evil.test/" }]) {
    await assert.rejects(new FakeClient().decide({ ...ORDER, intent: { ...ORDER.intent, ...more } }), (error) => {
      assert.ok(error instanceof NoRow);
      assert.match(error.message, /no golden row fits.*PURPOSE_FORM_RESULT/);
      return true;
    });
  }
});

test("own rows come first, from a list, a file or a directory", async () => {
  const row = { decide: { intent_name: "order", parameters: { id: "${id}" } }, expect: { status: 303, fields: { Location: "/orders/${id}" } } };
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-rows-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "rows.json");
  writeFileSync(file, JSON.stringify([row]));
  for (const own of [[row], file, folder]) {
    const fake = new FakeClient(own);
    const answer = await fake.decide({ request: { method: "POST" }, intentName: "order", parameters: { id: "7" } });
    assert.deepEqual([answer.status, answer.header("Location")], [303, "/orders/7"]);
  }
  const refusal = { decide: { request: { method: "POST" }, intent: { purpose: "form_result", target: "/${any}" } }, expect: { outcome: "refuse" } };
  assert.equal((await new FakeClient([refusal]).decide(ORDER)).outcome, "REFUSE");
  const wrong = { decide: ORDER, expect: { error: { code: "INVALID_ARGUMENT", reason: "invalid_fields", violations: ["intent.target"] } } };
  await assert.rejects(new FakeClient([wrong]).decide(ORDER), (error) => error.violations[0].field === "intent.target");
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
  const fp = new Fingerpost(new FakeClient());
  const app = express();
  app.post("/orders", (req, res) => fp.redirect(res, "form_result", "/orders/1", { flash: "Order placed" }));
  app.get("/orders/1", (req, res) => void res.send(`${req.method} ${fp.flash(res)}`));
  const server = createServer(app).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const placed = await fetch(`${url}/orders`, { method: "POST", redirect: "manual" });
  assert.deepEqual([placed.status, placed.headers.get("location")], [303, "/orders/1"]);
  assert.ok(placed.headers.get("set-cookie").startsWith("flash=Order%20placed; "));
  const row = {
    follow: { request: { url: `${url}/orders` }, response: { status: 303 } },
    expect: { next: { method: "GET", url: `${url}/orders/1` }, changes: [{ kind: "method", value: "GET" }] },
  };
  const page = await followingFetch(new FakeClient([row]))(`${url}/orders`, { method: "POST" });
  assert.equal(await page.text(), "GET ");
});
