// One line in a framework: the answer on the wire, the question, and what is never sent.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";

import { FingerpostError } from "fingerpost";

import { ask, askRaw, recording as recorded, SHOPS } from "./apps.mjs";
import { client, closedPort, PATIENT, service } from "./support.mjs";

const CONFIRMATION = "/orders/7829/confirmation";
const TEXT = 'Order placed – grüße; ok=1, "q"';
const POLICY = `
defaults: {allowed_hosts: [other.example]}
rules:
  - id: old
    match: {path: /old}
    intent: {purpose: permanent_move, target: /new}
  - id: away
    match: {path: /away}
    intent: {purpose: permanent_move, target: "https://other.example/"}
`;

const recording = (asking) => recorded(asking, PATIENT);

const PAGES = {
  "/orders": (fp, out) => fp.redirect(out, "form_result", CONFIRMATION, { flash: TEXT }),
  "/evil": (fp, out) => fp.redirect(out, "form_result", "https://evil.example/"),
  "/named": (fp, out) => fp.named(out, "nobody"),
  "/order/:id": (fp, out, query, { id }) => fp.redirect(out, "form_result", "/orders/{id}", { parameters: { id } }),
  [CONFIRMATION]: (fp, out) => {
    out.header("Set-Cookie", "other=1; Path=/");
    const text = fp.flash(out);
    out.header("Content-Type", "application/json");
    out.send(JSON.stringify(text));
  },
};

let address;
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-policy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  address = await service("--policy", join(folder, "policy.yaml"));
});

for (const [name, shop] of Object.entries(SHOPS)) {
  const open = (asking, options) => shop(asking, options, PAGES);
  describe(name, () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      test(`${name}: ${method}, its 303 and its flash, once`, async () => {
        const port = await open(recording(client(address)), { trustProxy: true });
        const https = { "x-forwarded-proto": "https" };
        const placed = await ask(port, method, "/orders", https);
        assert.deepEqual([placed.status, placed.fields.location, placed.fields["cache-control"]], [303, CONFIRMATION, "no-store"]);
        const [cookie] = placed.fields["set-cookie"];
        assert.ok(cookie.startsWith("__Host-flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe%3B"), cookie);
        for (const attribute of ["Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Lax"]) assert.ok(cookie.includes(attribute), attribute);
        const page = await ask(port, "GET", CONFIRMATION, { ...https, cookie: `a=b; ${cookie.split(";")[0]}; c=d` });
        assert.equal(JSON.parse(page.body), TEXT);
        const cleared = page.fields["set-cookie"].find((line) => line.startsWith("__Host-flash="));
        assert.equal(cleared, "__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
        assert.ok(
          page.fields["set-cookie"].some((line) => line.startsWith("other=")),
          "a cookie of the application's is kept",
        );
        const again = await ask(port, "GET", CONFIRMATION, { ...https, cookie: "a=b" });
        assert.equal(JSON.parse(again.body), "");
        assert.ok(!again.fields["set-cookie"].some((line) => line.includes("flash")));
      });
    }

    test(`${name}: a script that swaps pages gets its own form`, async () => {
      const port = await open(recording(client(address)), {});
      const placed = await ask(port, "POST", "/orders", { "hx-request": "true" });
      assert.deepEqual([placed.status, placed.fields["hx-redirect"], placed.fields.location], [200, CONFIRMATION, undefined]);
      assert.ok(placed.fields["set-cookie"][0].startsWith("flash="));
      assert.equal((await ask(port, "POST", "/orders", { "hx-request": "true", "hx-boosted": "true" })).status, 303);
      assert.equal((await ask(port, "PUT", "/orders", { "x-inertia": "true", "x-requested-with": "XMLHttpRequest" })).status, 303);
      const away = await ask(port, "GET", "/away", { "x-inertia": "true" });
      assert.deepEqual([away.status, away.fields["x-inertia-location"], away.fields.location], [409, "https://other.example/", undefined]);
      assert.equal((await ask(port, "POST", "/evil", { "hx-request": "true" })).status, 400);
    });

    test(`${name}: a flash message that is no UTF-8 is shown all the same`, async () => {
      const port = await open(recording(client(address)), {});
      const page = await ask(port, "GET", CONFIRMATION, { cookie: "flash=100%25%FF%zz" });
      assert.equal(JSON.parse(page.body), "100%\ufffd%zz");
      assert.ok(page.fields["set-cookie"].includes("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    });

    test(`${name}: the policy's rules, on every method`, async () => {
      const port = await open(recording(client(address)), {});
      for (const method of ["GET", "HEAD"]) {
        const moved = await ask(port, method, "/old?x=1");
        assert.deepEqual([moved.status, moved.fields.location], [308, "/new"]);
        assert.equal(moved.body === "", method === "HEAD");
        assert.ok(Number(moved.fields["content-length"]) > 0);
      }
      assert.equal((await ask(port, "POST", "/old")).status, 308);
    });

    test(`${name}: an unsafe wish and an unknown name are errors, and nothing is sent`, async () => {
      const port = await open(recording(client(address)), {});
      const evil = await ask(port, "POST", "/evil");
      assert.deepEqual([evil.status, evil.fields.location, JSON.parse(evil.body)], [400, undefined, { name: "NotSent", code: "REFUSE" }]);
      assert.equal(JSON.parse((await ask(port, "POST", "/named")).body).code, "NOT_FOUND");
    });

    test(`${name}: parameters are encoded for their place`, async () => {
      const port = await open(recording(client(address)), {});
      assert.equal((await ask(port, "POST", "/order/a%2Fb%3Fc")).fields.location, "/orders/a%2Fb%3Fc");
    });

    test(`${name}: the question has an allow-list of fields and the URL as the framework's proxy settings say`, async () => {
      const secrets = { authorization: "Bearer s3cret", cookie: "sid=s3cret", "proxy-authorization": "s3cret", "x-api-key": "s3cret" };
      const proxied = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
      const asking = recording(client(address));
      const port = await open(asking, { fields: ["X-Route"] });
      await ask(port, "POST", "/orders?q=a%20b", { ...secrets, ...proxied, accept: "text/html", "x-route": "gr\u00fc\u00dfe" });
      const [{ request }] = asking.questions;
      assert.ok(!JSON.stringify(request).includes("s3cret"));
      assert.equal(request.url, "http://shop.example.com/orders?q=a%20b");
      const octets = Buffer.from("gr\u00fc\u00dfe", "latin1").toString("base64");
      assert.deepEqual(request.headers, [
        { name: "accept", value: "text/html" },
        { name: "x-route", rawValue: octets },
      ]);
    });

    test(`${name}: a request that names no host gets its page`, async () => {
      const port = await open(recording(client(address)), {});
      assert.match(await askRaw(port, `GET ${CONFIRMATION} HTTP/1.0`), /^HTTP\/1\.[01] 200 /);
    });

    test(`${name}: a request that the service finds wrong gets its page`, async () => {
      const questions = [];
      const decide = async (question) => (questions.push(question), Promise.reject(new FingerpostError("INVALID_ARGUMENT", "request.url", "INVALID_FIELDS")));
      const port = await open({ decide }, {});
      assert.equal((await ask(port, "GET", CONFIRMATION)).status, 200);
      assert.equal(questions.length, 1);
    });

    test(`${name}: failing closed, an outage serves nothing`, async () => {
      const port = await open(client(await closedPort(), { onError: "raise" }), {});
      assert.equal((await ask(port, "GET", CONFIRMATION)).status, 503);
    });

    test(`${name}: an outage serves the page`, async () => {
      const port = await open(client(closedPort()), {});
      assert.equal((await ask(port, "GET", CONFIRMATION)).status, 200);
    });
  });
}
