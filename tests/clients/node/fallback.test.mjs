// Every answer without the service (client/README.md, "The table") equals the service's own.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { FingerpostError } from "fingerpost";

import { keeping } from "./apps.mjs";
import { client, closedPort, PATIENT, service } from "./support.mjs";

const URL = "http://shop.example/form?a=1";
const quiet = { ...PATIENT, logger: keeping() };
let address;
before(async () => {
  address = await service();
});

/** A client whose breaker does not remember the last question. */
const without = (question) => client(closedPort(), quiet).decide(question);
const own = ({ outcome, status, headers }) => ({
  outcome,
  status,
  fields: headers.filter(([name]) => /^(Location|Cache-Control|Allow|Retry-After)$/.test(name)),
});

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
  let compared = 0;
  for (const purpose of PURPOSES) {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      for (const protocol of ["http_1_1", "http_1_0"]) {
        for (const target of purpose === "gone" || purpose === "validation_failed" ? [undefined] : TARGETS) {
          for (const more of [{}, { trust: "caller" }, { redirectCapable: true }, { client: "api" }]) {
            const question = { request: { method, url: URL, protocol }, intent: { purpose, ...(target && { target }), ...more } };
            const answer = await without(question).catch((error) => error);
            if (answer instanceof FingerpostError) continue;
            assert.deepEqual(own(answer), own(await asking.decide(question)), JSON.stringify(question));
            compared += 1;
          }
        }
      }
    }
  }
  assert.ok(compared > 500, `${compared}`);
});

for (const [intent, location] of [
  [{ purpose: "login_required", target: "/login?next=%2Fx" }, "/login?next=%2Fx"],
  [{ purpose: "temporary_move", target: "https://partner.example/x", trust: "caller" }, "https://partner.example/x"],
  [{ purpose: "form_result", target: "http://shop.example/orders" }, "http://shop.example/orders"],
  [{ purpose: "form_result", target: "//evil.test", unsafeTarget: "fall_back", fallbackTarget: "/home" }, "/home"],
  [{ purpose: "https_upgrade" }, "https://shop.example/form?a=1"],
]) {
  test(`an outage has its answer: ${JSON.stringify(intent)}`, async () => {
    const answer = await without({ request: { method: "POST", url: URL }, intent });
    assert.deepEqual([answer.source, answer.error.code, answer.header("Location")], ["FALLBACK", "UNAVAILABLE", location]);
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
      await assert.rejects(without({ request: { method: "POST", url: URL }, intent: { purpose, target } }), { code: "UNAVAILABLE" });
    });
  }
}

for (const target of [
  "https://user:pw@a.test/",
  "https://a.test\\@b.test/",
  "https://0x7f.1/",
  "https://1.2.3/",
  "https://a.test:99999/",
  "https://[::1]/",
  "https:a.test",
  "ftp://a.test/",
  "https://A.test/",
  "https://a.test/../x",
]) {
  test(`a caller's target is plain, or only the service knows what it means: ${target}`, async () => {
    await assert.rejects(without({ request: { method: "POST", url: URL }, intent: { purpose: "temporary_move", target, trust: "caller" } }), {
      code: "UNAVAILABLE",
    });
  });
}

for (const [request, intent] of [
  [{}, { client: "script" }],
  [{}, { pinned_status: 302 }],
  [{ headers: [{ name: "Upgrade", value: "websocket" }] }, {}],
  [{ headers: [{ name: "HX-Request", value: "true" }] }, {}],
  [{ headers: [{ name: "x-inertia", value: "true" }] }, {}],
  [{ headers: [{ name: "Content-Type", value: "application/grpc+proto" }] }, {}],
  [{ method: "CONNECT" }, {}],
  [{ method: "GET", url: "http://shop.example/a" }, {}],
  [{ url: "http://shop.example/a" }, { purpose: "temporary_move" }],
  [{ method: "PUT", protocol: "http_1_0", url: "http://shop.example/a" }, {}],
  [{}, { purpose: "https_upgrade", target: "http://shop.example/x" }],
  [{ headers: [{ name: "Accept", value: "application/json" }] }, { purpose: "login_required" }],
  [{}, { purpose: "permanent_move", flash: { text: "x" } }],
  [{}, { purpose: "authorization_response", redirect_uris: ["http://shop.example/a"] }],
]) {
  test(`what needs the service is the error: ${JSON.stringify([request, intent])}`, async () => {
    await assert.rejects(without({ request: { method: "POST", url: URL, ...request }, intent: { purpose: "form_result", target: "/a", ...intent } }), {
      code: "UNAVAILABLE",
    });
  });
}
