// Every language's shop in Chromium: one order stays one order, whatever the user does next.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { doors } from "../tests/support.mjs";
import { closeBrowsers, open } from "./chromium.mjs";
import { openShop, SHOPS } from "./shops.mjs";

let service;
after(closeBrowsers);
before(async () => {
  service = await doors();
});

for (const name of Object.keys(SHOPS)) {
  describe(name, () => {
    test(`${name}: one order, its message once, however often the user reloads and goes back`, async () => {
      const [shop, { page, go, sent, shot }] = await Promise.all([openShop(name, service), open()]);
      await page.goto(shop.url);
      await go("#order button", "**/orders/1/confirmation");
      assert.deepEqual(await sent(), ["GET / 200", "POST /orders 303", "GET /orders/1/confirmation 200"]);
      assert.deepEqual([await page.textContent("#flash"), await page.textContent("#order")], ["Order placed: tea", "Order 1: tea"]);
      assert.deepEqual(shop.orders(), ["tea"]);
      await shot(`${name}-1-placed`);

      await page.reload();
      assert.deepEqual(await sent(), ["GET /orders/1/confirmation 200"]);
      assert.deepEqual([await page.locator("#flash").count(), await page.textContent("#order")], [0, "Order 1: tea"]);
      assert.deepEqual(shop.orders(), ["tea"]);
      await shot(`${name}-2-reloaded`);

      await page.goBack();
      assert.equal(await page.locator("form#order").count(), 1);
      await page.goForward();
      assert.equal(new URL(page.url()).pathname, "/orders/1/confirmation");
      assert.equal(await page.locator("#flash").count(), 0);
      await page.reload();
      assert.ok((await sent()).every((step) => step.startsWith("GET ")));
      assert.deepEqual(shop.orders(), ["tea"]);

      await page.goBack();
      await go("#order button", "**/orders/2/confirmation"); // A second order is a second order.
      assert.equal(await page.textContent("#order"), "Order 2: tea");
      assert.deepEqual(shop.orders(), ["tea", "tea"]);
    });

    test(`${name}: the anti-pattern, 200 to the POST, orders again with each reload`, async () => {
      const [shop, { page, go, sent, shot }] = await Promise.all([openShop(name, service, { SHOP_ANTI_PATTERN: "1" }), open()]);
      await page.goto(shop.url);
      await go("#order button", "**/orders");
      assert.deepEqual(await sent(), ["GET / 200", "POST /orders 200"]);
      assert.deepEqual(shop.orders(), ["tea"]);
      await page.reload();
      assert.deepEqual(await sent(), ["POST /orders 200"]);
      assert.deepEqual(shop.orders(), ["tea", "tea"]);
      await shot(`${name}-3-anti-pattern`);
    });

    test(`${name}: fetch follows the 303, after POST and after DELETE`, async () => {
      const [shop, { page, sent }] = await Promise.all([openShop(name, service), open()]);
      await page.goto(shop.url);
      await page.click("#order-by-fetch");
      const fetched = page.locator("#fetched", { hasText: "200" });
      assert.equal(await fetched.textContent(), `200 ${shop.url}/orders/1/confirmation`);
      assert.deepEqual(shop.orders(), ["milk"]);
      await page.goto(shop.url); // Its button knows the order now.
      await sent();
      await page.click("#cancel");
      assert.equal(await fetched.textContent(), `200 ${shop.url}/orders`);
      assert.deepEqual(await sent(), ["DELETE /orders/1 303", "GET /orders 200"]);
      assert.deepEqual(shop.orders(), []);
    });

    for (const [form, status, item] of [
      ["checkout", 307, "coffee"],
      ["cart", 308, "cocoa"],
    ]) {
      test(`${name}: ${status} keeps a form's POST and its content`, async () => {
        const [shop, { page, go, requests, sent }] = await Promise.all([openShop(name, service), open()]);
        await page.goto(shop.url);
        await go(`#${form} button`, "**/orders/1/confirmation");
        assert.equal(await page.textContent("#order"), `Order 1: ${item}`);
        const posts = requests.filter((request) => request.method() === "POST").map((request) => request.postData());
        assert.deepEqual(posts, [`item=${item}`, `item=${item}`]);
        assert.deepEqual(await sent(), ["GET / 200", `POST /${form} ${status}`, "POST /orders 303", "GET /orders/1/confirmation 200"]);
        assert.deepEqual(shop.orders(), [item]);
      });
    }

    test(`${name}: the campaign, and the OAuth hop without the password`, async () => {
      const [shop, { page, go, requests, sent, shot }] = await Promise.all([openShop(name, service), open()]);
      await page.goto(shop.url);
      await go("#sale", /\/products\?/);
      assert.equal(await page.textContent("#promo"), "spring");
      assert.deepEqual(await sent(), ["GET / 200", "GET /spring-sale 302", "GET /products?promo=spring 200"]);
      // Another origin: the client of the authorization server.
      const callback = shop.url.replace("127.0.0.1", "localhost") + "/callback";
      await page.goto(`${shop.url}/login?state=s1&redirect_uri=${encodeURIComponent(callback)}`);
      await page.fill("input[name=user]", "anna");
      await page.fill("input[name=password]", "s3cret");
      await go("#login-form button", /\/callback\?/);
      assert.match(await page.textContent("#received"), /^GET code=[^&]+&state=s1 $/);
      const withPassword = requests.filter((request) => `${request.url()} ${request.postData()}`.includes("s3cret"));
      assert.deepEqual(
        withPassword.map((request) => `${request.method()} ${new URL(request.url()).pathname}`),
        ["POST /login"],
      );
      assert.equal(new URL(page.url()).origin, new URL(callback).origin);
      await shot(`${name}-4-oauth`);
    });
  });
}
