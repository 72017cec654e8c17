// The example shops run, each as its own program against the service, with a browser's requests.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import sqlite3 from "node-sqlite3-wasm";

import { closedPort, service, start } from "./support.mjs";

const EXAMPLES = new URL("../examples/", import.meta.url).pathname;

let address, folder;
before(async () => {
  address = await service();
  folder = mkdtempSync(join(tmpdir(), "fingerpost-shop-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** One of the example programs on a free port, with its own database. */
async function shop(program, more = {}) {
  const database = join(mkdtempSync(join(folder, "db-")), "shop.sqlite");
  const env = { ...process.env, FINGERPOST: address, PORT: "0", SHOP_DATABASE: database, ...more };
  const { address: url } = await start(process.execPath, [join(EXAMPLES, program)], { env });
  const orders = () => {
    const open = new sqlite3.Database(database, { readOnly: true });
    const items = open.all("SELECT item FROM orders ORDER BY id").map(({ item }) => item);
    open.close();
    return items;
  };
  return { url, orders };
}

/** Follows as browsers do, with a cookie jar for one origin: the text of the last page, and (method, path, status) of every step. */
function browser() {
  const jar = new Map();
  return async function visit(url, { method = "GET", body } = {}) {
    const steps = [];
    for (;;) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, { method, redirect: "manual", headers: { cookie }, ...(body !== undefined && { body }) });
      const text = await response.text();
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/max-age=0/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      const { pathname, search } = new URL(url);
      steps.push(`${method} ${pathname}${search.replace(/code=[^&]+/, "code=…")} ${response.status}`);
      if (response.status < 300 || response.status > 399) return { text, steps, last: response, url };
      if (response.status === 303) [method, body] = ["GET", undefined];
      url = new URL(response.headers.get("location"), url).href;
    }
  };
}

const form = (fields) => new URLSearchParams(fields);

for (const program of ["express_shop.mjs", "fastify_shop.mjs"]) {
  describe(program, () => {
    test(`${program}: an order is placed once and its message shown once`, async () => {
      const { url, orders } = await shop(program);
      const visit = browser();
      assert.match((await visit(url)).text, /<form/);
      const page = await visit(`${url}/orders`, { method: "POST", body: form({ item: "tea & <b>" }) });
      assert.deepEqual(page.steps, ["POST /orders 303", "GET /orders/1/confirmation 200"]);
      assert.ok(page.text.includes('<p id="flash">Order placed: tea &amp; &lt;b&gt;</p>'), page.text);
      const reloaded = await visit(page.url);
      assert.ok(!reloaded.text.includes('id="flash"') && reloaded.text.includes("Order 1: tea &amp;"));
      assert.deepEqual(orders(), ["tea & <b>"]);
    });

    test(`${program}: the anti-pattern orders again`, async () => {
      const { url, orders } = await shop(program, { SHOP_ANTI_PATTERN: "1" });
      for (let i = 0; i < 2; i += 1) {
        // Like a reload.
        const page = await browser()(`${url}/orders`, { method: "POST", body: form({ item: "tea" }) });
        assert.deepEqual(page.steps, ["POST /orders 200"]);
      }
      assert.deepEqual(orders(), ["tea", "tea"]);
    });

    test(`${program}: destroy leads to the list by GET`, async () => {
      const { url, orders } = await shop(program);
      const visit = browser();
      await visit(`${url}/orders`, { method: "POST", body: form({ item: "tea" }) });
      const page = await visit(`${url}/orders/1`, { method: "DELETE" });
      assert.deepEqual(page.steps, ["DELETE /orders/1 303", "GET /orders 200"]);
      assert.deepEqual(orders(), []);
    });

    test(`${program}: a move keeps the method and the content`, async () => {
      const { url, orders } = await shop(program);
      const checkout = await browser()(`${url}/checkout`, { method: "POST", body: form({ item: "coffee" }) });
      assert.deepEqual(checkout.steps, ["POST /checkout 307", "POST /orders 303", "GET /orders/1/confirmation 200"]);
      const cart = await browser()(`${url}/cart`, { method: "POST", body: form({ item: "cocoa" }) });
      assert.deepEqual(cart.steps, ["POST /cart 308", "POST /orders 303", "GET /orders/2/confirmation 200"]);
      assert.deepEqual(orders(), ["coffee", "cocoa"]);
    });

    test(`${program}: a webhook keeps its event`, async () => {
      const { url } = await shop(program);
      const delivered = await browser()(`${url}/webhooks`, { method: "POST", body: '{"event": "paid"}' });
      assert.deepEqual([delivered.steps, delivered.text], [["POST /webhooks 307", "POST /v2/webhooks 200"], '{"event": "paid"}']);
    });

    test(`${program}: a campaign`, async () => {
      const page = await browser()(`${(await shop(program)).url}/spring-sale`);
      assert.deepEqual(page.steps, ["GET /spring-sale 302", "GET /products?promo=spring 200"]);
      assert.ok(page.text.includes('<p id="promo">spring</p>'));
    });

    test(`${program}: the OAuth hop carries no password, and leads to a registered place only`, async () => {
      const { url } = await shop(program);
      const login = { redirect_uri: `${url}/callback`, state: "s1", user: "u", password: "s3cret" };
      assert.ok((await browser()(`${url}/login?${form(login)}`)).text.includes(login.redirect_uri));
      const post = await fetch(`${url}/login`, { method: "POST", body: form(login), redirect: "manual" });
      assert.deepEqual([post.headers.get("referrer-policy"), post.headers.get("cache-control")], ["no-referrer", "no-store"]);
      const page = await browser()(`${url}/login`, { method: "POST", body: form(login) });
      assert.deepEqual(page.steps, ["POST /login 303", "GET /callback?code=…&state=s1 200"]);
      assert.ok(page.text.includes('<p id="received">GET code=') && !page.text.includes("s3cret"));
      const evil = await fetch(`${url}/login`, { method: "POST", body: form({ ...login, redirect_uri: "https://evil.example/" }), redirect: "manual" });
      assert.deepEqual([evil.status, evil.headers.get("location")], [400, null]);
    });

    test(`${program}: an outage still places the order`, async () => {
      const { url, orders } = await shop(program, { FINGERPOST: closedPort() });
      const page = await browser()(`${url}/orders`, { method: "POST", body: form({ item: "tea" }) });
      assert.deepEqual(page.steps, ["POST /orders 303", "GET /orders/1/confirmation 200"]);
      assert.ok(page.text.includes('id="flash"'));
      assert.deepEqual(orders(), ["tea"]);
    });
  });
}
