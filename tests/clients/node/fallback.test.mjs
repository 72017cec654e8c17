// Every answer to an intent without service and policy equals that of a service without a policy (client/README.md).
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Decision, FingerpostError } from "fingerpost";

import { keeping } from "./apps.mjs";
import { client, closedPort, PATIENT, service } from "./support.mjs";

const URL = "http://shop.example/form?a=1";
const quiet = { ...PATIENT, logger: keeping() };
const NOW = "2026-01-31T12:00:00Z";
let address;
before(async () => {
  address = await service();
});

const OUTAGE = ["UNAVAILABLE", "BREAKER_OPEN"];
const own = ({ outcome, status, headers, body, target, reason, rule }) => ({ outcome, status, headers, body, target, reason, rule });
const closed = client(closedPort(), { ...quiet, onError: "fallback" });

/** The answer without the service is the service's own; where that refuses, it is the outage. */
async function compared(asking, question) {
  const [mine, theirs] = await Promise.all([closed, asking].map((one) => one.decide(question).catch((error) => error)));
  const what = JSON.stringify(question);
  if (theirs instanceof FingerpostError) assert.deepEqual([mine.code, mine.violations], [theirs.code, theirs.violations], what);
  else if (theirs.outcome === "REFUSE") assert.ok(OUTAGE.includes(mine.code), what);
  else assert.deepEqual([mine.source, own(mine)], ["FALLBACK", own(theirs)], what);
  return Number(mine instanceof Decision);
}

const PURPOSES = [
  "form_result",
  "validation_failed",
  "resource_created",
  "operation_accepted",
  "login_required",
  "temporary_move",
  "permanent_move",
  "canonical_url",
  "https_upgrade",
  "reroute",
  "campaign",
  "describes",
  "gone",
];
const TARGETS = ["/x?y#z", "/form?a=1", "http://shop.example/x", "http://shop.example"];

test("every answer without the service is the service's own", async () => {
  const asking = client(address, { ...PATIENT, onError: "raise" });
  let answers = 0;
  for (const purpose of PURPOSES) {
    for (const method of ["GET", "POST", "DELETE"]) {
      for (const protocol of ["http_1_1", "http_1_0"]) {
        for (const target of purpose === "gone" || purpose === "validation_failed" ? [undefined] : TARGETS) {
          for (const more of [{}, { trust: "caller" }, { client: "api" }, { flash: { text: "Order placed" } }]) {
            const question = { request: { method, url: URL, protocol }, intent: { purpose, ...(target && { target }), ...more }, now: NOW };
            answers += await compared(asking, question);
          }
        }
      }
    }
  }
  assert.ok(answers > 500, `${answers}`);
});

for (const [intent, location] of [
  [{ purpose: "login_required", target: "/login?next=%2Fx" }, "/login?next=%2Fx"],
  [{ purpose: "temporary_move", target: "https://partner.example/x", trust: "caller" }, "https://partner.example/x"],
  [{ purpose: "form_result", target: "http://shop.example/orders" }, "http://shop.example/orders"],
  [{ purpose: "form_result", target: "//evil.test", unsafeTarget: "fall_back", fallbackTarget: "/home" }, "/home"],
  [{ purpose: "https_upgrade" }, "https://shop.example/form?a=1"],
]) {
  test(`an outage has its answer: ${JSON.stringify(intent)}`, async () => {
    const answer = await closed.decide({ request: { method: "POST", url: URL }, intent });
    assert.deepEqual([answer.source, answer.header("Location")], ["FALLBACK", location]);
    assert.ok(answer.error instanceof FingerpostError);
  });
}

for (const target of [
  "//evil.test",
  "/\\evil.test",
  "/a\r\nSet-Cookie: x",
  "/a\n",
  "/orders/{id}",
  "orders",
  "",
  "/../x",
  "/a/%2e%2E/b",
  "https://evil.test/",
  "https://shop.example/",
  "http://shop.example.evil.test/",
  "http://shop.example@evil.test/",
  "http://shop.example:80/",
  "http://shop.example:81/",
  "http:/shop.example/",
  "HTTP://shop.example/",
  "http://shop.example\\@evil.test/",
  "http://shop.example#@evil.test/",
  "javascript:alert(1)",
  `/${"x".repeat(8000)}`,
]) {
  for (const purpose of ["form_result", "login_required", "temporary_move"]) {
    test(`an answer without the service opens no redirect: ${purpose} ${JSON.stringify(target).slice(0, 50)}`, async () => {
      const answer = await closed.decide({ request: { method: "POST", url: URL }, intent: { purpose, target } }).catch((error) => error);
      if (answer instanceof FingerpostError) assert.ok([...OUTAGE, "INVALID_ARGUMENT"].includes(answer.code));
      else assert.match(new globalThis.URL(answer.header("Location"), URL).origin, /^https?:\/\/shop\.example(:81)?$/);
    });
  }
}

for (const wish of [{ intent_name: "order" }, {}]) {
  test(`what only a policy knows is PASS: ${JSON.stringify(wish)}`, async () => {
    const answer = await closed.decide({ request: { method: "GET", url: URL }, ...wish });
    assert.deepEqual([answer.outcome, answer.source, answer.mustSend], ["PASS", "FALLBACK", false]);
  });
}
