// The policy's rules before the routes: the URL as it was sent, the page's Vary, what is exempt, and proxies.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { DecideResponseSchema, Outcome } from "fingerpost/messages";

import { mergedVary } from "../dist/vary.js";
import { APPS, ask, askRaw, keeping, recording } from "./apps.mjs";
import { client, fake, PATIENT, service } from "./support.mjs";

const POLICY = `
rules:
  - id: percent
    match: {path: "/blog/100%25"}
    intent: {purpose: permanent_move, target: /percent}
  - id: slash
    match: {path: "/a%2Fb"}
    intent: {purpose: permanent_move, target: /slash}
  - id: octets
    match: {path: "/gr%C3%BC%C3%9Fe"}
    intent: {purpose: permanent_move, target: /octets}
  - id: mounted
    match: {path: /mounted/old}
    intent: {purpose: permanent_move, target: /new}
  - id: old
    match: {path: /old}
    intent: {purpose: permanent_move, target: /new}
  - id: form
    match: {path: /form, methods: [POST, DELETE]}
    intent: {purpose: temporary_move, target: /forms}
  - id: german
    match: {path: /page, fields: [{name: Accept-Language, prefix: de}]}
    intent: {purpose: temporary_move, target: /de}
`;

let address;
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-policy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  address = await service("--policy", join(folder, "policy.yaml"));
});

const asking = (options) => recording(client(address, options), PATIENT);
const routes = {
  "/page": (fp, out) => out.send("page"),
  "/varied": (fp, out) => (out.header("Vary", "accept-language, Cookie"), out.send("page")),
  "/all": (fp, out) => (out.header("Vary", "*"), out.send("page")),
  "/head": (fp, out) => {
    const response = out.raw ?? out;
    out.hijack?.();
    response.writeHead(200, "Fine", ["Vary", "Cookie", "X-A", "1", "X-A", "2"]).end("page");
  },
};

test("Vary is merged name by name", () => {
  assert.equal(mergedVary(["Accept, accept", " ,Cookie ,", "ACCEPT"]), "Accept, Cookie");
  assert.equal(mergedVary(["Accept", "Cookie, *"]), "*");
  assert.equal(mergedVary([]), "");
});

for (const [name, open] of Object.entries(APPS)) {
  describe(name, () => {
    test(`${name}: the path is asked as it was sent`, async () => {
      const port = await open(asking(), { routes });
      for (const [path, location] of [
        ["/blog/100%25", "/percent"], ["/blog/100%2525"], ["/a%2Fb", "/slash"], ["/a%2fb?x", "/slash"], ["/a%252Fb"], ["/a/b"],
        ["/gr%C3%BC%C3%9Fe", "/octets"], ["/mounted/old", "/new"], ["/old", "/new"], ["//old"],
      ]) {
        const answer = await ask(port, "GET", path);
        assert.deepEqual([path, answer.fields.location], [path, location]);
      }
    });

    test(`${name}: an absolute-form and an odd Host choose no host`, async () => {
      const seen = asking();
      const port = await open(seen, { routes: { "/old": (fp, out) => fp.redirect(out, "form_result", "https://evil.example/") } });
      for (const [target, host, url] of [
        ["http://evil.example/old", "shop.example.com", "http://shop.example.com/old"], ["HTTP://evil.example", "shop.example.com", "http://shop.example.com/"],
        ["http://evil.example?x", "shop.example.com", "http://shop.example.com/?x"], ["/old", "shop.example.com:8080", "http://shop.example.com:8080/old"],
        ["/old", "[::1]:80", "http://[::1]:80/old"],
      ]) {
        const said = await askRaw(port, `GET ${target} HTTP/1.1\r\nHost: ${host}`);
        assert.doesNotMatch(said, /Location: .*evil/);
        assert.equal(seen.questions.at(-1).request.url, url);
      }
      const before = seen.questions.length;
      for (const host of ["", " ", "/", "shop.example.com/old?", "a@b", "a b", "\\", "#"]) {
        assert.doesNotMatch(await askRaw(port, `GET /evil.example/x HTTP/1.1\r\nHost: ${host}`), /Location/);
      }
      await askRaw(port, "OPTIONS * HTTP/1.1\r\nHost: shop.example.com");
      assert.deepEqual(seen.questions.slice(before), []);
    });

    test(`${name}: every method has its rules; a preflight and an upgrade get their page`, async () => {
      const port = await open(asking(), { routes });
      for (const [method, path, status, headers] of [
        ["POST", "/form", 307], ["DELETE", "/form", 307], ["GET", "/form", 404], ["POST", "/old", 308], ["PUT", "/old", 308],
        ["OPTIONS", "/old", 404, { "access-control-request-method": "POST", origin: "https://a.test" }],
        ["GET", "/old", 404, { connection: "upgrade", upgrade: "websocket" }],
      ]) {
        const { status: got } = await ask(port, method, path, headers);
        // Express answers OPTIONS of a path that it does not know with 404 or 200, by its version.
        assert.equal(got, status, `${method} ${path}`);
      }
    });

    for (const onError of ["fallback", "raise"]) {
      test(`${name}: a page that a rule let pass has the rule's Vary, beside its own (${onError})`, async () => {
        const port = await open(asking({ onError }), { routes, fields: ["Accept-Language"] });
        assert.equal((await ask(port, "GET", "/page", { "accept-language": "de" })).fields.location, "/de");
        for (const headers of [{}, { "accept-language": "en" }]) {
          const page = await ask(port, "GET", "/page", headers);
          assert.deepEqual([page.status, page.body, page.fields.vary], [200, "page", "Accept-Language"]);
        }
      });
    }

    test(`${name}: Vary joins what the page sets itself, later, by writeHead too`, async () => {
      const { address: there } = await fake(create(DecideResponseSchema, { outcome: Outcome.PASS, headers: [line("Vary", "Accept-Language"), line("vary", "Origin")] }));
      const port = await open(recording(client(there, { onError: "raise" }), PATIENT), { routes });
      for (const [path, vary] of [
        ["/page", "Accept-Language, Origin"], ["/varied", "accept-language, Cookie, Origin"], ["/all", "*"], ["/head", "Cookie, Accept-Language, Origin"],
        ["/nothing", "Accept-Language, Origin"],
      ]) {
        for (const method of ["GET", "HEAD"]) assert.deepEqual([path, (await ask(port, method, path)).fields.vary], [path, vary]);
      }
      assert.equal((await ask(port, "GET", "/head")).fields["x-a"], "1, 2");
    });

    test(`${name}: what is exempt is not asked about`, async () => {
      const seen = asking();
      const port = await open(seen, { routes, exempt: ["/healthz", "/old"] });
      for (const path of ["/healthz", "/healthz/live?x", "/old", "/old/x"]) assert.equal((await ask(port, "GET", path)).status, 404);
      assert.deepEqual(seen.questions, []);
      for (const path of ["/healthzzz", "/x/healthz", "/healthz/../x", "/healthz/%2E%2e/x", "/HEALTHZ"]) await ask(port, "GET", path);
      assert.equal(seen.questions.length, 5);
      await assert.rejects(open(seen, { exempt: ["healthz"] }), TypeError);
    });

    test(`${name}: a proxy that the application does not trust is told of, once`, async () => {
      const logger = keeping();
      for (const [trustProxy, proto, lines] of [[false, "https", 1], [true, "https", 0], [false, "http", 0], [true, "https, http", 0], [false, "wss", 0]]) {
        logger.lines.length = 0;
        const port = await open({ ...asking(), logger }, { routes, trustProxy, ...(name === "Fastify" && { logger: undefined }) });
        if (name === "Fastify") continue; // Its own log is looked at in unsafe.test.mjs.
        for (let i = 0; i < 3; i += 1) await ask(port, "GET", "/page", { "x-forwarded-proto": proto });
        assert.equal(logger.lines.length, lines, proto);
        if (lines) assert.match(logger.lines[0], /X-Forwarded-Proto is https, but the request's URL is http/);
      }
    });
  });
}

test("Fastify: rewriteUrl changes the route, not the URL that is asked", async () => {
  const port = await APPS.Fastify(asking(), { routes, rewriteUrl: () => "/page" });
  assert.equal((await ask(port, "GET", "/old")).fields.location, "/new");
  assert.equal((await ask(port, "GET", "/other")).body, "page");
});

const line = (name, value) => ({ name, content: { case: "value", value } });
