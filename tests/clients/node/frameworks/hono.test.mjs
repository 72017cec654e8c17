// Hono itself, without a server: its Request to its Response.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Fingerpost } from "fingerpost/hono";
import { Client, FingerpostError, NotSent } from "fingerpost/web";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";

import { keeping } from "../apps.mjs";
import { closedPort, PATIENT, webService } from "../support.mjs";
import { hono } from "../../examples/web/hono.mjs";
import { CONFIRMATION, TEXT } from "../../examples/web/texts.mjs";
import { POLICY, rows } from "./web_rows.mjs";

let client;
before(async () => {
  client = new Client((await webService(POLICY)).url, { ...PATIENT, connectTimeoutMs: 20_000 });
});
after(() => client.close());

const shop = (asking) => hono(new Fingerpost(asking, { fields: ["Accept-Language"] }));

const at = (app, method, path, headers) => app.request(new Request(`https://shop.example.com${path}`, { method, headers }));

rows("Hono", (method, path, headers) => at(shop(client), method, path, headers));

test("Hono: what middleware has set stays beside the answer", async () => {
  const fp = new Fingerpost(client);
  const app = new Hono();
  app.use(cors({ origin: "https://other.example", credentials: true }));
  app.use(async (c, next) => {
    setCookie(c, "before", "1");
    c.header("Vary", "Origin");
    c.header("Cache-Control", "max-age=60");
    await next();
    c.header("X-After", "1");
  });
  app.post("/orders", (c) => {
    void c.res; // The response that middleware began.
    return fp.redirect(c, "form_result", CONFIRMATION, { flash: TEXT });
  });
  const placed = await at(app, "POST", "/orders", { origin: "https://other.example" });
  assert.deepEqual([placed.status, placed.headers.get("location"), placed.headers.get("cache-control")], [303, CONFIRMATION, "no-store"]);
  assert.match(placed.headers.getSetCookie().join("\n"), /^before=1.*\n__Host-flash=/);
  assert.match(placed.headers.get("vary"), /Origin/);
  assert.deepEqual([placed.headers.get("x-after"), placed.headers.get("access-control-allow-origin")], ["1", "https://other.example"]);
  assert.equal(placed.headers.get("content-type"), "text/html; charset=utf-8");
});

test("Hono: an application's own error handler gets NotSent; error pages have the rules' fields", async () => {
  const app = shop(client);
  const errors = [];
  app.onError((error, c) => (errors.push(error), c.text("mine", error.status)));
  const refused = await at(app, "POST", "/go?next=https://evil.example/");
  assert.deepEqual([refused.status, await refused.text()], [400, "mine"]);
  assert.ok(errors[0] instanceof NotSent && errors[0] instanceof FingerpostError);

  const broken = new Hono();
  broken.use(new Fingerpost(client, { fields: ["Accept-Language"] }).rules);
  broken.get("/page", () => {
    throw new Error("broken");
  });
  broken.onError((error, c) => c.text(error.message, 500));
  const page = await at(broken, "GET", "/page");
  assert.deepEqual([page.status, page.headers.get("vary")], [500, "Accept-Language"]);
});

test("Hono: an outage serves the page; failing closed it is 503 with Retry-After", async () => {
  for (const [onError, status, retry] of [
    ["fallback", 200, null],
    ["raise", 503, "5"],
  ]) {
    const away = new Client(`http://${closedPort()}`, { engine: "remote", onError, logger: keeping() });
    const page = await at(shop(away), "GET", "/page");
    assert.deepEqual([page.status, page.headers.get("retry-after")], [status, retry]);
    await away.close();
  }
});
