// The web entry under Node.js' own Request and Response, against the real service by HTTP.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";

import { Client, Fingerpost, FingerpostError, NotSent } from "fingerpost/web";

import { keeping } from "./apps.mjs";
import { closedPort, PATIENT, webService } from "./support.mjs";

const CONFIRMATION = "/orders/7829/confirmation";
const POLICY = `
defaults: {allowed_hosts: [other.example]}
rules:
  - id: old
    match: {path: /old}
    intent: {purpose: permanent_move, target: /new}
  - id: german
    match: {path: /page, fields: [{name: Accept-Language, prefix: de}]}
    intent: {purpose: temporary_move, target: /de}
  - id: half
    match: {path_prefix: /drawn, share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}}
    intent: {purpose: temporary_move, target: /new}
intents:
  order_placed: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {}}}
`;
const SHOP = "https://shop.example.com";

let address;
before(async () => {
  address = (await webService(POLICY)).url;
});

const client = (options) => {
  const made = new Client(address, { connectTimeoutMs: 20_000, ...PATIENT, ...options });
  after(() => made.close());
  return made;
};
const request = (path, init) => new Request(new URL(path, SHOP), init);
const order = (fp, init = { method: "POST" }) => fp.redirect(request("/orders", init), "form_result", CONFIRMATION, { flash: "Order placed – grüße" });

for (const engine of ["auto", "local", "remote"]) {
  describe(engine, () => {
    const adapter = (options) => new Fingerpost(client({ engine }), options);

    test(`${engine}: from a Request to its Response`, async () => {
      const fp = adapter();
      const placed = await order(fp);
      assert.deepEqual([placed.status, placed.headers.get("location"), placed.headers.get("cache-control")], [303, CONFIRMATION, "no-store"]);
      const [cookie] = placed.headers.getSetCookie();
      assert.match(cookie, /^__Host-flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe; /);
      const page = request(CONFIRMATION, { headers: { cookie: `a=b; ${cookie.split(";")[0]}` } });
      assert.deepEqual(fp.flash(page), ["Order placed – grüße", "__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"]);
      assert.deepEqual(fp.flash(request(CONFIRMATION)), ["", ""]);
      const named = await fp.named(request("/orders", { method: "POST" }), "order_placed", { id: "a/b?c" });
      assert.equal(named.headers.get("location"), "/orders/a%2Fb%3Fc");
    });

    test(`${engine}: from a Request to a decision`, async () => {
      const fp = adapter();
      const decision = await fp.decide(request("/old?x=1"));
      assert.deepEqual([decision.outcome, decision.status, decision.rule], ["REDIRECT", 308, "old"]);
      assert.equal(decision.source, engine === "remote" ? "SERVICE" : "ENGINE");
      assert.match(decision.policyVersion, /./);
      const wish = await fp.decide(request("/orders", { method: "PUT" }), { purpose: "form_result", target: "/orders/1" });
      assert.deepEqual([wish.status, wish.header("location")], [303, "/orders/1"]);
      await assert.rejects(fp.decide(request("/"), { intentName: "nobody" }), { code: "NOT_FOUND" });
    });

    test(`${engine}: the policy's rules, and the page's own fields beside theirs`, async () => {
      const fp = adapter({ fields: ["Accept-Language", "Cookie"] });
      const page = () => new Response("page", { headers: { vary: "accept-encoding", "set-cookie": "own=1", "cache-control": "public, max-age=5" } });
      const moved = await fp.handle(request("/old"), page);
      assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/new"]);
      const head = await fp.handle(request("/old", { method: "HEAD" }), page);
      assert.deepEqual([head.status, await head.text()], [308, ""]);
      const passed = await fp.handle(request("/page"), page);
      assert.deepEqual([passed.status, await passed.text(), passed.headers.get("vary")], [200, "page", "accept-encoding, Accept-Language"]);
      let drawn;
      do drawn = await fp.handle(request("/drawn"), page);
      while (drawn.status === 307); // A client that is out gets the page.
      assert.deepEqual([drawn.headers.get("vary"), drawn.headers.get("cache-control")], ["accept-encoding, Cookie", "max-age=5, private"]);
      assert.match(drawn.headers.getSetCookie().join("\n"), /^own=1\nbucket=[0-9a-f]{8}; /);
      const fixed = await fp.handle(request("/page"), () => Response.redirect("https://other.example/", 307));
      assert.deepEqual([fixed.status, fixed.headers.get("vary")], [307, "Accept-Language"]);
    });

    test(`${engine}: an unsafe redirect is 400, and says no more`, async () => {
      const logger = keeping();
      const fp = new Fingerpost(client({ engine, logger }));
      for (const target of ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/x\r\nSet-Cookie: a=b"]) {
        const refused = await fp.redirect(request("/orders", { method: "POST" }), "form_result", target);
        assert.deepEqual([target, refused.status, refused.headers.get("location"), await refused.text()], [target, 400, null, "Bad Request\n"]);
      }
      const [told] = logger.lines.filter((line) => line.includes(" 400 "));
      assert.match(told, /^fingerpost: 400 for POST https:\/\/shop\.example\.com\/orders: REFUSE: TARGET_NOT_ALLOWED: /);
      const back = await fp.back(request("/login", { method: "POST" }), "https://evil.example/", { or: "/home" });
      assert.deepEqual([back.status, back.headers.get("location")], [303, "/home"]);
      const home = await fp.back(request("/login", { method: "POST" }), "/account?tab=1");
      assert.equal(home.headers.get("location"), "/account?tab=1");
    });
  });
}

test("what the engine answered counts in the service, and a part of the policy is the service's own choice", async () => {
  const own = await webService(POLICY);
  const logger = keeping();
  const whole = new Client(own.url, { connectTimeoutMs: 20_000, logger });
  for (let i = 0; i < 3; i += 1) assert.equal((await whole.decide({ request: { method: "GET", url: `${SHOP}/old` } })).source, "ENGINE");
  await whole.close();
  assert.deepEqual(logger.lines, []);
  const part = new Client(own.url, { connectTimeoutMs: 20_000, ...PATIENT, logger, selector: { intents: ["order_placed"] } });
  const request = { method: "POST", url: `${SHOP}/orders` };
  assert.equal((await part.decide({ request, intentName: "order_placed", parameters: { id: "7" } })).source, "ENGINE");
  const { source, rule } = await part.decide({ request: { method: "GET", url: `${SHOP}/old` } });
  assert.deepEqual([source, rule], ["SERVICE", "old"]); // The rules stayed there.
  assert.deepEqual(logger.lines, []);
  // Without the service: the same answer to what is here, and a page for what is not.
  await own.stop();
  const placed = await part.decide({ request, intentName: "order_placed", parameters: { id: "7" } });
  assert.deepEqual([placed.source, placed.header("location")], ["ENGINE", "/orders/7"]);
  const passed = await part.decide({ request: { method: "GET", url: `${SHOP}/old` } });
  assert.deepEqual([passed.source, passed.outcome, passed.error.code], ["FALLBACK", "PASS", "UNAVAILABLE"]);
  await part.close();
});

test("the origin that visitors see is told, or read from the proxy's fields", async () => {
  const questions = [];
  const asking = { decide: async (question) => (questions.push(question), Promise.reject(new FingerpostError("INVALID_ARGUMENT", ""))) };
  const at = async (options, headers = {}) => {
    await new Fingerpost(asking, options).rules(new Request("http://10.0.0.7:3000/a%2Fb?q=%20#x", { headers }));
    return questions.pop()?.request.url;
  };
  assert.equal(await at({}), "http://10.0.0.7:3000/a%2Fb?q=%20");
  assert.equal(await at({ origin: SHOP }), `${SHOP}/a%2Fb?q=%20`);
  const forwarded = ({ headers }) => `https://${headers.get("x-forwarded-host")}`;
  assert.equal(await at({ origin: forwarded }, { "x-forwarded-host": "shop.example.com" }), `${SHOP}/a%2Fb?q=%20`);
  // An origin that is none asks about no URL.
  assert.equal(await at({ origin: forwarded }, { "x-forwarded-host": "a@b/c" }), undefined);
  for (const origin of ["shop.example.com", "https://a/b", "ftp://a"]) assert.throws(() => new Fingerpost(asking, { origin }), TypeError);
});

test("only allowed fields are sent", async () => {
  const questions = [];
  const asking = { decide: async (question) => (questions.push(question), Promise.reject(new FingerpostError("INVALID_ARGUMENT", ""))) };
  const headers = { authorization: "Bearer s3cret", cookie: "sid=s3cret", "x-api-key": "s3cret", accept: "text/html", "x-route": "gr\u00fc\u00dfe" };
  await new Fingerpost(asking, { fields: ["X-Route"] }).rules(request("/", { headers }));
  assert.deepEqual(questions[0].request.headers, [
    { name: "accept", value: "text/html" },
    { name: "x-route", rawValue: Buffer.from("gr\u00fc\u00dfe", "latin1").toString("base64") },
  ]);
});

test("remote: an outage serves the page, and 503 says to come back", async () => {
  for (const onError of ["fallback", "raise"]) {
    const away = new Client(`http://${closedPort()}`, { engine: "remote", onError, logger: keeping() });
    after(() => away.close());
    const fp = new Fingerpost(away);
    const page = await fp.handle(request("/page"), () => new Response("page"));
    assert.equal(page.status, onError === "fallback" ? 200 : 503);
    const named = await fp.named(request("/orders"), "order_placed");
    assert.deepEqual([named.status, named.headers.get("retry-after"), await named.text()], [503, "5", "Service Unavailable\n"]);
    assert.equal(await away.ready(100), false);
  }
});

test("remote: a service that answers nonsense, or not at all, is an outage", async () => {
  for (const [answer, code] of [
    [(response) => response.writeHead(502).end("<html>"), "UNAVAILABLE"],
    [(response) => response.writeHead(302, { location: "https://evil.example/" }).end(), "UNAVAILABLE"],
    [(response) => response.end("{"), "UNAVAILABLE"],
    [(response) => response.end('{"outcome":"OUTCOME_REDIRECT","status":200}'), "MALFORMED"],
    [(response) => response.end('{"outcome":7,"status":{}}'), "MALFORMED"],
    [() => undefined, "DEADLINE_EXCEEDED"],
    [(response) => response.writeHead(400).end('{"error":{"code":"INVALID_ARGUMENT","violations":[{"field":"request"}]}}'), "INVALID_ARGUMENT"],
    [(response) => response.writeHead(413).end('{"error":{"code":"RESOURCE_EXHAUSTED","message":"The content is too large."}}'), "RESOURCE_EXHAUSTED"],
  ]) {
    const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const odd = new Client(`http://127.0.0.1:${server.address().port}/`, { engine: "remote", onError: "raise", timeoutMs: 500, logger: keeping() });
    await assert.rejects(odd.decide({ intentName: "x", request: { method: "GET" } }), { code });
    await odd.close();
    server.closeAllConnections();
    server.close();
  }
});

test("remote: it is asked by the given fetch", async () => {
  const seen = [];
  const asking = client({ engine: "remote", fetch: (...words) => (seen.push(words[0]), fetch(...words)) });
  assert.equal((await asking.decide({ request: { method: "GET", url: `${SHOP}/old` } })).status, 308);
  assert.deepEqual(seen, [`${address}/v1/decide`]);
  assert.equal(await asking.ready(), true);
});

test("wrong options are TypeErrors", () => {
  for (const [at, options] of [
    ["127.0.0.1:8080"],
    ["unix:/x"],
    ["http://a", { engine: "both" }],
    ["http://a", { onError: "no" }],
    ["http://a", { refreshMs: 1 }],
    ["http://a", { timeoutMs: "1" }],
  ])
    assert.throws(() => new Client(at, options), TypeError);
});

test("a closed client says so", async () => {
  const closed = new Client(address);
  await closed.close();
  await closed.close();
  await assert.rejects(closed.decide({ request: { method: "GET" } }), TypeError);
  assert.equal(await closed.ready(), false);
});

test("an error for a framework can be a Response", async () => {
  const response = new NotSent(503, new FingerpostError("UNAVAILABLE", "127.0.0.1 refused")).getResponse();
  assert.deepEqual([response.status, response.headers.get("retry-after"), await response.text()], [503, "5", "Service Unavailable\n"]);
});
