// What no helper sends: hostile targets, a visitor's wrong values, and outages. The frameworks' own error handlers
// answer.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { FingerpostError, NotSent } from "fingerpost";

import { APPS, ask, keeping, recording } from "./apps.mjs";
import { client, closedPort, PATIENT, service } from "./support.mjs";

let address;
before(async () => {
  address = await service();
});

// Fastify adds the error's code, REFUSE, which reveals no more than the status.
const TELLING = /allow|trust|evil|target|unsafe|host|caller|refuse\w/i;

/** Possible values of `next` from a visitor, none of which may leave the site. */
const HOSTILE = [
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "\\\\evil.example",
  "///evil.example",
  "https:evil.example",
  "http:/\\evil.example",
  "/\t/evil.example",
  "\u0000/x",
  "/x\r\nSet-Cookie: a=b",
  "javascript:alert(1)",
  "data:text/html,x",
  "https://shop.example.com@evil.example/",
  "https://user:pw@shop.example.com/",
  "https://shop.example.com.evil.example/",
  " //evil.example",
];
/** Values that are not texts. */
const STRANGE = ["", "next=", "next=a&next=b", "next[x]=1"];

for (const [name, open] of Object.entries(APPS)) {
  describe(name, () => {
    const to = (fp, out, { next }) => fp.redirect(out, "form_result", next);
    const open400 = async (env) => {
      const logger = keeping();
      const asking = { ...recording(client(address), PATIENT), logger };
      const port = await open(asking, { env, routes: { "/login": to }, ...(name.endsWith("Fastify") && { logger: fastifyLog(logger) }) });
      return { port, logger };
    };

    for (const env of ["production", "development"]) {
      test(`${name}, ${env}: a hostile target is 400 with a generic text, and the log says why`, async () => {
        const { port, logger } = await open400(env);
        for (const next of HOSTILE) {
          const answer = await ask(port, "POST", `/login?next=${encodeURIComponent(next)}`);
          assert.deepEqual([next, answer.status, answer.fields.location], [next, 400, undefined]);
          assert.doesNotMatch(answer.body.replace(/\n.*at .*|<br>.*at .*/gs, ""), TELLING);
          assert.match(answer.body, /Bad Request/);
        }
        const told = logger.lines.filter((line) => line.startsWith("fingerpost: 400 for POST "));
        assert.equal(told.length, HOSTILE.length);
        assert.match(told[0], /^fingerpost: 400 for POST http:\/\/shop\.example\.com\/login: REFUSE: TARGET_NOT_ALLOWED: /);
        for (const line of told) assert.doesNotMatch(line, /[\u0000-\u001f]|pw/);
      });
    }

    test(`${name}: a target that is missing, or no text, is 400`, async () => {
      const { port } = await open400("development");
      for (const query of STRANGE) {
        const answer = await ask(port, "POST", `/login?${query}`);
        assert.deepEqual([query, answer.status, answer.fields.location], [query, 400, undefined]);
      }
    });

    test(`${name}: back leads to next where that is safe, and home otherwise`, async () => {
      const routes = {
        "/login": (fp, out, { next }) => fp.back(out, next),
        "/in": (fp, out, { next }) => fp.back(out, next, { or: "/account", trust: "caller" }),
      };
      const locations = async (asking, method, path) => {
        const port = await open(asking, { routes });
        const found = [];
        for (const query of [...STRANGE, ...HOSTILE.map((next) => `next=${encodeURIComponent(next)}`)]) {
          const answer = await ask(port, method, `${path}?${query}`);
          found.push(answer.status, answer.fields.location);
        }
        const safe = await ask(port, method, `${path}?next=${encodeURIComponent("/orders/7?tab=1#top")}`);
        assert.deepEqual([safe.status, safe.fields.location, safe.fields["cache-control"]], [303, "/orders/7?tab=1#top", "no-store"]);
        return [...new Set(found)];
      };
      for (const [path, home] of [
        ["/login", "/"],
        ["/in", "/account"],
      ]) {
        for (const method of ["POST", "GET"]) {
          assert.deepEqual(await locations({ ...recording(client(address), PATIENT), logger: keeping() }, method, path), [303, home]);
          assert.deepEqual(await locations(client(closedPort(), { logger: keeping() }), method, path), [303, home]);
        }
      }
    });

    test(`${name}: back asks what a visitor's target may do, whatever the policy says of unsafe ones`, async () => {
      const asking = recording(client(address), PATIENT);
      const port = await open(asking, { routes: { "/login": (fp, out, { next }) => fp.back(out, next, { flash: "Welcome back" }) } });
      const answer = await ask(port, "POST", "/login?next=/orders");
      assert.match(answer.fields["set-cookie"][0], /^flash=Welcome%20back/);
      const { intent } = asking.questions.at(-1);
      assert.deepEqual([intent.trust, intent.unsafeTarget], ["end_user", "refuse"]);
    });

    test(`${name}: what a visitor's value makes a wrong question is 400, what the application wrote is 500, and neither says more`, async () => {
      const routes = {
        "/parameter": (fp, out, { id }) => fp.redirect(out, "form_result", "/orders/{id}", { parameters: { id } }),
        "/flash": (fp, out, { id }) => fp.redirect(out, "form_result", "/orders", { flash: id }),
        "/purpose": (fp, out) => fp.redirect(out, "form_resul", "/orders"),
        "/modifier": (fp, out) => fp.redirect(out, "form_result", "/orders", { flahs: "x" }),
        "/name": (fp, out) => fp.named(out, "nobody"),
        "/pinned": (fp, out) => fp.redirect(out, "form_result", "/orders", { pinnedStatus: 308 }),
        "/forward": (fp, out) => fp.redirect(out, "reroute", "/v2/hooks", { client: "webhook_sender" }),
      };
      const port = await open({ ...recording(client(address), PATIENT), logger: keeping() }, { routes });
      for (const [path, status] of [
        ["/parameter?id=a&id=b", 400],
        ["/parameter?id[x]=a", 400],
        ["/flash?id=a&id=b", 400],
        ["/purpose", 500],
        ["/modifier", 500],
        ["/name", 500],
        ["/pinned", 500],
        ["/forward", 500],
      ]) {
        const answer = await ask(port, "POST", path);
        assert.deepEqual([path, answer.status], [path, status]);
        assert.doesNotMatch(answer.body, /flash|form_result|nobody|redirect|parameters/i);
      }
    });

    test(`${name}: what needs the service is 503 with Retry-After in an outage, never 500`, async () => {
      const routes = {
        "/oauth": (fp, out) => fp.redirect(out, "authorization_response", "/callback", { redirectUris: ["https://shop.example.com/callback"] }),
        "/named": (fp, out) => fp.named(out, "order"),
        "/away": (fp, out) => fp.redirect(out, "form_result", "https://partner.example/"),
      };
      for (const onError of ["fallback", "raise"]) {
        const port = await open(client(closedPort(), { logger: keeping(), onError }), { env: "development", routes });
        for (const path of [...Object.keys(routes), ...(onError === "raise" ? ["/"] : [])]) {
          const answer = await ask(port, "POST", path);
          assert.deepEqual([path, answer.status, answer.fields["retry-after"]], [path, 503, "5"]);
          assert.doesNotMatch(answer.body.replace(/<br>.*at .*/gs, ""), /127\.0\.0\.1|connect/i);
        }
      }
    });
  });
}

test("an error for a framework has its status, and keeps the reason to itself", async () => {
  const error = new NotSent(503, new FingerpostError("UNAVAILABLE", "127.0.0.1:50051 refused", "X"));
  assert.deepEqual(
    [error.status, error.statusCode, error.expose, error.message, error.headers],
    [503, 503, false, "Service Unavailable", { "Retry-After": "5", "Cache-Control": "no-store" }],
  );
  assert.deepEqual([error.detail, error.cause.code, error instanceof FingerpostError], ["127.0.0.1:50051 refused", "UNAVAILABLE", true]);
  assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /127\.0\.0\.1/);
});

/** A logger for Fastify. */
function fastifyLog({ warn }) {
  const quiet = () => {};
  const log = { level: "warn", fatal: quiet, error: quiet, info: quiet, debug: quiet, trace: quiet, silent: quiet, warn, child: () => log };
  return log;
}
