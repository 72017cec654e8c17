// The policy's rules before the routes: the unchanged URL, the page's Vary, exempt paths, and proxies.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, describe, test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { DecideResponseSchema, Outcome } from "fingerpost/messages";

import { mergedCacheControl, mergedVary } from "../dist/page.js";
import { APPS, ask, askRaw, keeping, recording } from "./apps.mjs";
import { client, fake, PATIENT, remote, service } from "./support.mjs";

const POLICY = `
rules:
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

const DRAWN = `
rules:
  - id: half
    match: {path_prefix: /drawn, share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}}
    intent: {purpose: temporary_move, target: /new}
`;
// Paths as sent, and their targets by the policy: the same in every framework and language.
const TABLE = JSON.parse(readFileSync(join(process.env.FINGERPOST_GOLDEN, "../clients/paths.json")));

let address, drawn, table;
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-policy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const serve = (name, text) => (writeFileSync(join(folder, name), text), service("--policy", join(folder, name)));
  writeFileSync(join(folder, "pages.csv"), TABLE["pages.csv"]);
  [address, drawn, table] = await Promise.all([serve("policy.yaml", POLICY), serve("drawn.yaml", DRAWN), serve("paths.yaml", JSON.stringify(TABLE.policy))]);
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

const drawnRoutes = {
  "/drawn/plain": (fp, out) => out.send("page"),
  "/drawn/public": (fp, out) => (out.header("Cache-Control", 'public, max-age=60, s-maxage=600, no-cache="x, y"'), out.send("page")),
  "/drawn/secret": (fp, out) => (out.header("Cache-Control", "no-store"), out.send("page")),
  "/drawn/cookies": (fp, out) => ((out.raw ?? out).setHeader("Set-Cookie", "own=1"), out.send("page")),
  "/drawn/stream": (fp, out) => {
    out.header("Vary", "accept");
    const pieces = Readable.from([Buffer.from("pa"), Buffer.from("ge")]);
    if (out.raw) return out.send(pieces);
    pieces.pipe(out);
  },
  "/drawn/broken": () => {
    throw new Error("broken");
  },
  "/drawn/head": (fp, out) => {
    out.hijack?.();
    (out.raw ?? out).writeHead(200, { "Set-Cookie": ["own=1", "own=2"], vary: "accept", "Cache-Control": "max-age=5" }).end("page");
  },
};

test("Vary is merged name by name", () => {
  assert.equal(mergedVary(["Accept, accept", " ,Cookie ,", "ACCEPT"]), "Accept, Cookie");
  assert.equal(mergedVary(["Accept", "Cookie, *"]), "*");
  assert.equal(mergedVary([]), "");
});

test("Cache-Control is at least as strict as the page's and the answer's", () => {
  for (const [page, added, merged] of [
    [[], "private", "private"],
    [["max-age=5"], "private", "max-age=5, private"],
    [["PUBLIC, S-Maxage=5"], "private", "private"],
    [["no-cache, No-Store"], "private", "no-cache, No-Store"],
    [['private="a, public", max-age=1'], "private", "max-age=1, private"],
    [["public", "max-age=5"], "no-store", "no-store"],
    [["max-age=5"], "max-age=9", "max-age=5"],
    [[" , "], "private", "private"],
    [['no-cache="no-store"'], "private", 'no-cache="no-store", private'],
    [['x="a\\"b, no-store"'], "private", 'x="a\\"b, no-store", private'],
  ])
    assert.equal(mergedCacheControl(page, [added]), merged);
});

for (const [name, open] of Object.entries(APPS)) {
  describe(name, () => {
    test(`${name}: the path is asked as it was sent`, async () => {
      const tabled = await open(recording(client(table), PATIENT));
      for (const [path, location] of [...TABLE.paths, ...(name.endsWith("Fastify") ? [] : TABLE["refused by Fastify"])]) {
        assert.deepEqual([path, (await ask(tabled, "GET", path)).fields.location ?? null], [path, location]);
      }
      const port = await open(asking(), { routes });
      for (const [path, location] of [["/mounted/old", "/new"], ["/old", "/new"], ["//old"]]) {
        assert.deepEqual([path, (await ask(port, "GET", path)).fields.location], [path, location]);
      }
    });

    test(`${name}: an absolute-form and an odd Host choose no host`, async () => {
      const seen = asking();
      const port = await open(seen, { routes: { "/old": (fp, out) => fp.redirect(out, "form_result", "https://evil.example/") } });
      for (const [target, host, url] of [
        ["http://evil.example/old", "shop.example.com", "http://shop.example.com/old"],
        ["HTTP://evil.example", "shop.example.com", "http://shop.example.com/"],
        ["http://evil.example?x", "shop.example.com", "http://shop.example.com/?x"],
        ["/old", "shop.example.com:8080", "http://shop.example.com:8080/old"],
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
        ["POST", "/form", 307],
        ["DELETE", "/form", 307],
        ["GET", "/form", 404],
        ["POST", "/old", 308],
        ["PUT", "/old", 308],
        ["OPTIONS", "/old", 404, { "access-control-request-method": "POST", origin: "https://a.test" }],
        ["GET", "/old", 404, { connection: "upgrade", upgrade: "websocket" }],
      ]) {
        const { status: got } = await ask(port, method, path, headers);
        // For OPTIONS on an unknown path Express answers 404 or 200, depending on its version.
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
      const { address: there } = await fake(
        create(DecideResponseSchema, { outcome: Outcome.PASS, headers: [line("Vary", "Accept-Language"), line("vary", "Origin")] }),
      );
      const port = await open(recording(remote(there, { onError: "raise" }), PATIENT), { routes });
      for (const [path, vary] of [
        ["/page", "Accept-Language, Origin"],
        ["/varied", "accept-language, Cookie, Origin"],
        ["/all", "*"],
        ["/head", "Cookie, Accept-Language, Origin"],
        ["/nothing", "Accept-Language, Origin"],
      ]) {
        for (const method of ["GET", "HEAD"]) assert.deepEqual([path, (await ask(port, method, path)).fields.vary], [path, vary]);
      }
      assert.equal((await ask(port, "GET", "/head")).fields["x-a"], "1, 2");
    });

    test(`${name}: a drawn key is kept, and its client stays on its side`, async () => {
      const port = await open(recording(client(drawn), PATIENT), { routes: drawnRoutes, fields: ["Cookie"] });
      const sides = new Set();
      for (let i = 0; i < 64 && sides.size < 2; i += 1) {
        // Both sides occur, except in one run of 2^63.
        const { status, fields } = await ask(port, "GET", "/drawn/plain");
        const [[pair, ...attributes]] = fields["set-cookie"].map((line) => line.split("; "));
        assert.match(pair, /^bucket=[0-9a-f]{8}$/);
        assert.deepEqual(attributes.sort(), ["HttpOnly", "Max-Age=60", "Path=/", "SameSite=Lax"]);
        const again = await ask(port, "GET", "/drawn/plain", { cookie: `a=b; ${pair}` });
        assert.deepEqual([again.status, again.fields["set-cookie"]], [status, undefined]);
        assert.match(again.fields.vary, /Cookie$/);
        sides.add(status);
      }
      assert.deepEqual([...sides].sort(), [200, 307]);
    });

    test(`${name}: a page that is let pass has the fields of the answer, whatever it sets itself`, async () => {
      const port = await open(recording(client(drawn), PATIENT), { routes: drawnRoutes, fields: ["Cookie"] });
      for (const [path, status, vary, caching, own] of [
        ["/drawn/plain", 200, "Cookie", "private"],
        ["/drawn/public", 200, "Cookie", 'max-age=60, no-cache="x, y", private'],
        ["/drawn/secret", 200, "Cookie", "no-store"],
        ["/drawn/cookies", 200, "Cookie", "private", ["own=1"]],
        ["/drawn/stream", 200, "accept, Cookie", "private"],
        ["/drawn/broken", 500, "Cookie", "private"],
        ["/drawn/missing", 404, "Cookie", "private"],
        ["/drawn/head", 200, "accept, Cookie", "max-age=5, private", ["own=1", "own=2"]],
      ]) {
        let page;
        do page = await ask(port, "GET", path);
        while (page.status === 307); // A client that is out gets the page.
        const cookies = page.fields["set-cookie"].map((line) => line.replace(/^bucket=.*/, "bucket"));
        assert.deepEqual(
          [path, page.status, page.fields.vary, page.fields["cache-control"], cookies],
          [path, status, vary, caching, [...(own ?? []), "bucket"]],
        );
      }
    });

    test(`${name}: what is exempt is not asked about`, async () => {
      const seen = asking();
      const port = await open(seen, { routes, exempt: ["/healthz", "/old"] });
      for (const path of ["/healthz", "/healthz/live?x", "/old", "/old/x"]) assert.equal((await ask(port, "GET", path)).status, 404);
      assert.deepEqual(seen.questions, []);
      for (const path of ["/healthzzz", "/x/healthz", "/healthz/../x", "/healthz/%2E%2e/x", "/HEALTHZ"]) await ask(port, "GET", path);
      assert.equal(seen.questions.length, 5);
      await ask(port, "OPTIONS", "/page", { origin: "https://a.test", "access-control-request-method": "PUT" });
      await ask(port, "TRACE", "/page");
      assert.equal(seen.questions.length, 5);
      await assert.rejects(open(seen, { exempt: ["healthz"] }), TypeError);
    });

    test(`${name}: a proxy that the application does not trust is told of, once`, async () => {
      const logger = keeping();
      for (const [trustProxy, proto, lines] of [
        [false, "https", 1],
        [true, "https", 0],
        [false, "http", 0],
        [true, "https, http", 0],
        [false, "wss", 0],
      ]) {
        logger.lines.length = 0;
        const port = await open({ ...asking(), logger }, { routes, trustProxy, ...(name.endsWith("Fastify") && { logger: undefined }) });
        if (name.endsWith("Fastify")) continue; // Its own log is looked at in unsafe.test.mjs.
        for (let i = 0; i < 3; i += 1) await ask(port, "GET", "/page", { "x-forwarded-proto": proto });
        assert.equal(logger.lines.length, lines, proto);
        if (lines) assert.match(logger.lines[0], /X-Forwarded-Proto is https, but the request's URL is http/);
      }
    });
  });
}

if (APPS.Fastify) {
  test("Fastify: rewriteUrl changes the route, not the URL that is asked", async () => {
    const port = await APPS.Fastify(asking(), { routes, rewriteUrl: () => "/page" });
    assert.equal((await ask(port, "GET", "/old")).fields.location, "/new");
    assert.equal((await ask(port, "GET", "/other")).body, "page");
  });
}

const line = (name, value) => ({ name, content: { case: "value", value } });
