// SvelteKit, built, and its own server: a Request to its Response.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, test } from "node:test";
import { promisify } from "node:util";

import { webService } from "../support.mjs";
import { CONFIRMATION, TEXT } from "../../examples/web/texts.mjs";
import { POLICY, rows } from "./web_rows.mjs";

const APP = new URL("../../examples/web/sveltekit/", import.meta.url);
const SHOP = "https://shop.example.com";

let server;
before(async () => {
  process.env.FINGERPOST_WEB = (await webService(POLICY)).url;
  const vite = new URL("../../bin/vite.js", import.meta.resolve("vite"));
  await promisify(execFile)(process.execPath, [vite.pathname, "build"], { cwd: APP.pathname });
  const { Server } = await import(new URL(".svelte-kit/output/server/index.js", APP));
  const { manifest } = await import(new URL(".svelte-kit/output/server/manifest.js", APP));
  server = new Server(manifest);
  await server.init({ env: process.env });
});

const ask = (method, path, headers, body) => server.respond(new Request(`${SHOP}${path}`, { method, headers, body }), { getClientAddress: () => "127.0.0.1" });

rows("SvelteKit", ask);

const FORM = { origin: SHOP, "content-type": "application/x-www-form-urlencoded", accept: "text/html" };

test("SvelteKit: a form action ends in the answer", async () => {
  const placed = await ask("POST", "/form?/order", FORM, "item=tea");
  assert.deepEqual([placed.status, placed.headers.get("location"), placed.headers.get("cache-control")], [303, CONFIRMATION, "no-store"]);
  const cookie = placed.headers.getSetCookie().join("\n");
  assert.match(cookie, /^__Host-flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe; /);
  for (const attribute of ["Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Lax"]) assert.ok(cookie.includes(attribute), cookie);
  const page = await ask("GET", "/form", { cookie: cookie.split(";")[0] });
  assert.match(await page.text(), new RegExp(`<p id="flash">${TEXT}</p>`));
  assert.match(page.headers.getSetCookie().join("\n"), /^__Host-flash=; .*Max-Age=0/);
  assert.equal((await ask("POST", "/form?/named", FORM, "item=tea")).headers.get("location"), "/orders/7");
});

test("SvelteKit: a form action of an enhanced form", async () => {
  const placed = await ask("POST", "/form?/order", { ...FORM, accept: "application/json", "x-sveltekit-action": "true" }, "item=tea");
  assert.deepEqual(await placed.json(), { type: "redirect", status: 303, location: CONFIRMATION });
  assert.match(placed.headers.getSetCookie().join("\n"), /^__Host-flash=/);
});

test("SvelteKit: an unsafe form action is SvelteKit's own error page", async () => {
  const refused = await ask("POST", "/form?/go&next=https://evil.example/", FORM, "item=tea");
  assert.deepEqual([refused.status, refused.headers.get("location")], [400, null]);
  const text = await refused.text();
  assert.match(text, /Bad Request/);
  assert.doesNotMatch(text, /evil|allow|trust/);
});

test("SvelteKit: the data of a page that has moved", async () => {
  const moved = await ask("GET", "/old/__data.json?x-sveltekit-invalidated=1");
  assert.deepEqual(await moved.json(), { type: "redirect", location: "/new" });
  const page = await ask("GET", "/form/__data.json?x-sveltekit-invalidated=1");
  assert.equal((await page.json()).type, "data");
});
