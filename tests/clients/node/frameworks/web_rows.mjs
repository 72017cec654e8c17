// What the small shop answers in every framework of the web platform, and in every runtime. It is in client/node/examples/web.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CONFIRMATION, TEXT } from "../../examples/web/texts.mjs";

/** Rules and names that the shop's service has. */
export const POLICY = `
rules:
  - id: old
    match: {path: /old}
    intent: {purpose: permanent_move, target: /new}
  - id: german
    match: {path: /page, fields: [{name: Accept-Language, prefix: de}]}
    intent: {purpose: temporary_move, target: /de}
intents:
  order_placed: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {}}}
`;

/** `ask(method, path, headers)` gives the Response, its redirects not followed. `is`: what this framework does otherwise. */
export function rows(name, ask, is = {}) {
  // Next makes its middleware's Location absolute, and the rest of the world may compare.
  const leads = (response, path) => {
    const location = response.headers.get("location");
    assert.equal(new URL(location, "https://shop.example.com").pathname, path);
    if (!is.absolute) assert.equal(location, path);
  };

  test(`${name}: an order is 303, and its flash is shown once`, async () => {
    const placed = await ask("POST", "/orders");
    assert.deepEqual([placed.status, placed.headers.get("location"), placed.headers.get("cache-control")], [303, CONFIRMATION, "no-store"]);
    const [cookie] = placed.headers.getSetCookie().filter((line) => line.includes("flash="));
    assert.match(cookie, /flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe; /);
    for (const attribute of ["Path=/", "Max-Age=60", "HttpOnly", "SameSite=Lax"]) assert.ok(cookie.includes(attribute), cookie);
    const page = await ask("GET", CONFIRMATION, { cookie: `a=b; ${cookie.split(";")[0]}` });
    assert.deepEqual([page.status, await page.text()], [200, TEXT]);
    const cookies = page.headers.getSetCookie();
    assert.ok(cookies.some((line) => line.startsWith("own=1")) && cookies.some((line) => /flash=;.*Max-Age=0/.test(line)), `${cookies}`);
    const again = await ask("GET", CONFIRMATION, { cookie: "a=b" });
    assert.deepEqual([await again.text(), again.headers.getSetCookie().filter((line) => line.includes("flash"))], ["", []]);
  });

  test(`${name}: the policy's rules, on pages that exist and on pages that do not`, async () => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const moved = await ask(method, "/old?x=1");
      assert.equal(moved.status, 308);
      leads(moved, "/new");
      if (method === "HEAD") assert.equal(await moved.text(), "");
    }
    const german = await ask("GET", "/page", { "accept-language": "de-AT" });
    assert.equal(german.status, 307);
    leads(german, "/de");
    const page = await ask("GET", "/page", { "accept-language": "en" });
    assert.deepEqual([page.status, await page.text()], [200, "page"]);
    assert.match(page.headers.get("vary"), /(?:^|, )accept-language(?:,|$)/i);
    assert.match(page.headers.get("vary"), /(?:^|, )origin(?:,|$)/i); // The page's own.
    assert.equal((await ask("GET", "/nowhere")).status, 404);
  });

  test(`${name}: a named intent`, async () => {
    const named = await ask("POST", "/named");
    assert.deepEqual([named.status, named.headers.get("location")], [303, "/orders/7"]);
  });

  test(`${name}: an unsafe redirect is 400, and says no more`, async () => {
    for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""]) {
      const refused = await ask("POST", `/go?next=${encodeURIComponent(next)}`);
      assert.deepEqual([next, refused.status, refused.headers.get("location")], [next, 400, null]);
      assert.doesNotMatch(await refused.text(), /allow|trust|evil|unsafe|refuse/i);
      const back = await ask("POST", `/login?next=${encodeURIComponent(next)}`);
      assert.deepEqual([next, back.status, back.headers.get("location")], [next, 303, "/"]);
    }
    assert.equal((await ask("POST", "/login?next=/account")).headers.get("location"), "/account");
  });

  test(`${name}: a script that swaps pages gets its own form`, async () => {
    const swapped = await ask("POST", "/orders", { "hx-request": "true" });
    assert.deepEqual([swapped.status, swapped.headers.get("hx-redirect"), swapped.headers.get("location")], [200, CONFIRMATION, null]);
  });
}
