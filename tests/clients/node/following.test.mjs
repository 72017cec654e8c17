// fetch with every redirect decided by the service, and its secrets kept from it: the test inspects every byte that the
// service received.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { after, before, test } from "node:test";

import { credentials, makeGenericClientConstructor, Server, ServerCredentials } from "@grpc/grpc-js";
import { Client, plaintext } from "fingerpost";
import { followingFetch, Stopped } from "fingerpost/fetch";
import { RedirectServiceDefinition } from "fingerpost/messages";

import { client, closedPort, PATIENT, remote, service } from "./support.mjs";

const SECRETS = ["Bearer-s3cret", "Proxy-s3cret", "Cookie-s3cret", "Key-s3cret", "Jar-s3cret"];
const FIELDS = {
  Authorization: "Bearer-s3cret",
  "Proxy-Authorization": "Proxy-s3cret",
  Cookie: "c=Cookie-s3cret",
  "X-Api-Key": "Key-s3cret",
  "X-Plain": "p",
};
const OPTIONS = { secretFields: ["X-Api-Key"] };

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (server.close(), server.closeAllConnections?.()));
  return server.address().port;
}

/** A web server that records requests, and redirects by the path: /to/STATUS/URL, /loop, /twice. */
async function origin() {
  const seen = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    seen.push({ method: request.method, path: request.url, fields: request.headers, body });
    const [, kind, status, ...rest] = request.url.split("/");
    response.statusCode = kind === "to" ? Number(status) : kind === "end" ? 200 : 302;
    if (kind === "to") response.setHeader("Location", Buffer.from(decodeURI(rest.join("/")), "utf8").toString("latin1"));
    if (kind === "loop") response.setHeader("Location", request.url);
    if (kind === "twice") response.setHeader("Location", ["/end", "/end2"]);
    if (kind !== "end") response.setHeader("Set-Cookie", ["jar=Jar-s3cret; Path=/", "other=2"]);
    response.end(Buffer.from("content")); // A text would be joined with the fields, and both encoded as UTF-8.
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, seen };
}

/** A service between the client and the real one. It keeps every byte that it receives, and once more what it was told in compressed fields. */
async function tapped(address) {
  const heard = { octets: Buffer.alloc(0), messages: Buffer.alloc(0), fields: "" };
  const raw = Object.fromEntries(
    Object.entries(RedirectServiceDefinition).map(([name, { path }]) => {
      const identity = (octets) => octets;
      return [
        name,
        {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: identity,
          requestDeserialize: identity,
          responseSerialize: identity,
          responseDeserialize: identity,
        },
      ];
    }),
  );
  const Onward = makeGenericClientConstructor(raw, "RedirectService");
  const onward = new Onward(address, credentials.createInsecure());
  const forward = (name) => (call, done) => {
    heard.messages = Buffer.concat([heard.messages, call.request]);
    heard.fields += JSON.stringify(call.metadata.toHttp2Headers());
    onward[name](call.request, done);
  };
  const server = new Server();
  server.addService({ decide: raw.decide, follow: raw.follow }, { decide: forward("decide"), follow: forward("follow") });
  const port = await new Promise((resolve) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
  });
  after(() => (server.forceShutdown(), onward.close()));
  const tap = createTcpServer((socket) => {
    const to = connect(port, "127.0.0.1");
    socket.on("data", (octets) => (heard.octets = Buffer.concat([heard.octets, octets])));
    socket.pipe(to).pipe(socket);
    for (const end of [socket, to]) end.on("error", () => (socket.destroy(), to.destroy()));
    after(() => (socket.destroy(), to.destroy()));
  });
  return { heard, asking: remote(`127.0.0.1:${await listening(tap)}`, PATIENT) };
}

let address;
before(async () => {
  address = await service();
});

const following = (options = OPTIONS) => followingFetch(client(address, PATIENT), options);

test("secrets stay here and on their origin", async () => {
  const [a, b, { heard, asking }] = await Promise.all([origin(), origin(), tapped(address)]);
  const final = await followingFetch(asking, OPTIONS)(`${a.url}/to/307/${a.url}/to/302/${b.url}/end`, { method: "POST", body: "x=1", headers: FIELDS });
  assert.deepEqual([final.status, final.redirected, final.url], [200, true, `${b.url}/end`]);
  const [first, same] = a.seen;
  assert.deepEqual([same.method, same.body], ["POST", "x=1"]);
  for (const name of ["authorization", "cookie", "x-api-key", "x-plain"]) assert.equal(same.fields[name], first.fields[name], name);
  assert.equal(first.fields.authorization, "Bearer-s3cret");
  const [crossed] = b.seen;
  assert.deepEqual([crossed.method, crossed.body, crossed.fields["x-plain"]], ["GET", "", "p"]);
  for (const name of ["authorization", "proxy-authorization", "cookie", "x-api-key", "content-type"]) assert.equal(crossed.fields[name], undefined, name);
  for (const secret of SECRETS) {
    assert.ok(!heard.octets.includes(secret) && !heard.messages.includes(secret) && !heard.fields.includes(secret), `${secret} reached the service`);
  }
  // The name travelled, so the test inspects the right bytes.
  assert.ok(heard.octets.includes("x-api-key") && heard.messages.includes("x-api-key") && heard.fields.includes("fingerpost-node/"));
});

test("see other becomes GET without the content, and no cookie is kept", async () => {
  const a = await origin();
  const final = await following()(`${a.url}/to/303/${a.url}/end`, { method: "POST", body: new URLSearchParams({ x: "1" }) });
  assert.equal(await final.text(), "content");
  const [{ fields: sent, body }, { method, path, fields }] = a.seen;
  assert.deepEqual([sent["content-type"], body], ["application/x-www-form-urlencoded;charset=UTF-8", "x=1"]);
  assert.deepEqual([method, path, fields["content-type"], fields.cookie], ["GET", "/end", undefined, undefined]);
});

for (const [location, stop] of Object.entries({
  "file:///etc/passwd": "SCHEME_NOT_ALLOWED",
  "javascript:alert(1)": "SCHEME_NOT_ALLOWED",
  "http://u:p@127.0.0.1:1/": "USERINFO",
  "http://[::1/": "INVALID_LOCATION",
  "http://127.0.0.1:99999/": "INVALID_LOCATION",
})) {
  test(`what must not be followed rejects: ${location}`, async () => {
    const a = await origin();
    await assert.rejects(following()(`${a.url}/to/302/${location}`), (error) => {
      assert.ok(error instanceof Stopped, error);
      assert.deepEqual([error.hop.stop, error.response.status], [stop, 302]);
      return true;
    });
    assert.equal(a.seen.length, 1);
  });
}

test("two Locations are two, and a loop ends", async () => {
  const a = await origin();
  await assert.rejects(following()(`${a.url}/twice`), (error) => error.hop.stop === "CONFLICTING_LOCATIONS");
  await assert.rejects(following()(`${a.url}/loop`), (error) => error.hop.stop === "LOOP");
  assert.equal(a.seen.length, 2);
});

test("a Location in UTF-8 arrives as it was meant", async () => {
  const a = await origin();
  await following()(`${a.url}/to/302/${a.url}/end?gr%C3%BC%C3%9Fe`);
  assert.equal(a.seen[1].path, "/end?gr%C3%BC%C3%9Fe");
});

test("a redirect without Location and one that is not followed are results", async () => {
  const a = await origin();
  const final = await following()(`${a.url}/to/304/x`);
  assert.deepEqual([final.status, final.redirected], [304, false]);
});

test("the options are asked", async () => {
  const a = await origin();
  await assert.rejects(following({ limit: 0 })(`${a.url}/to/302/${a.url}/end`), (error) => error.hop.stop === "LIMIT");
  await assert.rejects(following({ denyPrivateAddresses: true })(`${a.url}/to/302/${a.url}/end`), (error) => error.hop.stop === "TARGET_NOT_ALLOWED");
  await assert.rejects(following({ allowedHosts: ["a.test"] })(`${a.url}/to/302/${a.url}/end`), (error) => error.hop.stop === "TARGET_NOT_ALLOWED");
  const b = await origin();
  await following({ trustedOrigins: [a.url, b.url] })(`${a.url}/to/302/${b.url}/end`, { headers: { Authorization: "kept" } });
  assert.equal(b.seen[0].fields.authorization, "kept");
});

test("following can be off", async () => {
  const a = await origin();
  assert.equal((await following()(`${a.url}/to/302/${a.url}/end`, { redirect: "manual" })).status, 302);
  await assert.rejects(following()(`${a.url}/to/302/${a.url}/end`, { redirect: "error" }), TypeError);
});

test("bytes are sent again, a stream is not", async () => {
  const a = await origin();
  const data = new FormData();
  data.append("item", "tea");
  for (const body of ["again", new Uint8Array([97, 103]), new Blob(["again"]), data, new URLSearchParams("a=b")]) {
    a.seen.length = 0;
    const final = await following()(`${a.url}/to/307/${a.url}/end`, { method: "POST", body });
    const [first, second] = a.seen;
    assert.equal(final.status, 200);
    assert.ok(first.body.length > 0);
    assert.deepEqual([second.body, second.fields["content-type"]], [first.body, first.fields["content-type"]]);
  }
  for (const body of [
    new Blob(["once"]).stream(),
    (async function* () {
      yield Buffer.from("once");
    })(),
  ]) {
    await assert.rejects(
      following()(`${a.url}/to/307/${a.url}/end`, { method: "POST", body, duplex: "half" }),
      (error) => error.hop.stop === "BODY_NOT_REPLAYABLE",
    );
    a.seen.length = 0;
  }
  const seeOther = await following()(`${a.url}/to/303/${a.url}/end`, { method: "POST", body: new Blob(["once"]).stream(), duplex: "half" });
  assert.deepEqual([seeOther.status, a.seen[0].body, a.seen[1].method], [200, "once", "GET"]);
});

test("a Request goes in, too, and can be aborted", async () => {
  const a = await origin();
  const request = new Request(`${a.url}/to/302/${a.url}/end`, { headers: { "X-Plain": "p" } });
  assert.equal((await following()(request)).status, 200);
  assert.equal(a.seen[1].fields["x-plain"], "p");
  await assert.rejects(following()(`${a.url}/end`, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("a Request with content goes out as it is when following is off", async () => {
  const a = await origin();
  const request = new Request(`${a.url}/to/303/${a.url}/end`, { method: "POST", body: "x=1", redirect: "manual" });
  assert.equal((await following()(request)).status, 303);
  assert.deepEqual([a.seen.length, a.seen[0].body], [1, "x=1"]);
});

test("not modified is a result, also in an outage", async () => {
  const a = await origin();
  const unreachable = new Client(await closedPort(), plaintext());
  assert.equal((await followingFetch(unreachable)(`${a.url}/to/304/x`, { headers: { "If-None-Match": '"x"' } })).status, 304);
});

test("an outage does not stop following: the engine knows the way", async () => {
  const a = await origin();
  for (const unreachable of [new Client(closedPort(), plaintext(), { logger: { warn() {} } }), client(closedPort(), { logger: { warn() {} } }), undefined]) {
    const page = await followingFetch(unreachable)(`${a.url}/to/302/${a.url}/end`);
    assert.deepEqual([page.status, page.url], [200, `${a.url}/end`]);
    await unreachable?.close();
  }
});
