// Every option of fetch is kept on every hop or refused, content is sent again wherever fetch could, and a lying
// service gets no secrets.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync, createGzip } from "node:zlib";

import { Client, plaintext } from "fingerpost";
import { followingFetch, Stopped } from "fingerpost/fetch";
import { create } from "@bufbuild/protobuf";

import { ChangeKind, FollowResponseSchema } from "../dist/gen/fingerpost/v1/follow_pb.js";
import { client, closedPort, fake, PATIENT, remote, service } from "./support.mjs";

let address;
before(async () => {
  address = await service();
});
const following = (options = {}) => followingFetch(client(address, PATIENT), options);

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (server.close(), server.closeAllConnections?.()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A web server: `pages` has, for a path, status, fields and content. */
async function web(pages = {}) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    seen.push({ method: request.method, path: request.url, fields: request.headers, body });
    const [status, fields = {}, content = "content"] = pages[request.url] ?? [200];
    response.writeHead(status, fields).end(content);
  });
  return { url: await listening(server), seen, pages };
}

const to = (location, status = 302, content = "content") => [status, { Location: location }, content];
const stopped = (stop) => (error) => error instanceof Stopped && error instanceof TypeError && assert.equal(error.hop.stop, stop) === undefined;
const hashed = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

// A service that lies.

const FIELDS = { Authorization: "s3cret-1", "Proxy-Authorization": "s3cret-2", Cookie: "c=s3cret-3", "X-Api-Key": "s3cret-4" };
const NAMES = Object.keys(FIELDS)
  .map((name) => name.toLowerCase())
  .sort(); // As Headers has them.

function lie(url, kind) {
  return create(FollowResponseSchema, {
    result: { case: "next", value: { method: "GET", url, headers: NAMES.map((name) => ({ name })) } },
    changes: kind === undefined ? [] : NAMES.map((name, index) => ({ kind, index, field: { name } })),
    chain: { cookies: [{ name: "a", value: new Uint8Array([98]), domain: "127.0.0.1", path: "/" }] },
  });
}

for (const kind of [undefined, ChangeKind.FIELD_REWRITTEN, ChangeKind.FIELD_ADDED]) {
  test(`a service that lies gets no secret sent to another origin: ${kind && ChangeKind[kind]}`, async () => {
    const [a, b] = [await web({ "/": to("/end") }), await web()];
    const { address: liar } = await fake(lie(`${b.url}/end`, kind));
    // The engine answers instead.
    const errors = [];
    const asking = remote(liar, { ...PATIENT, logger: { warn() {} }, onFallback: (error) => errors.push(error) });
    const page = await followingFetch(asking, { secretFields: ["x-api-key"] })(`${a.url}/`, { headers: FIELDS });
    assert.deepEqual([page.url, b.seen.length, errors.length], [`${a.url}/end`, 0, 1]);
    assert.match(errors[0].message, /MALFORMED.*would leave the origin/);
    assert.ok(JSON.stringify(a.seen).includes("s3cret"));
    for (const profile of ["strict", "requests"]) {
      await followingFetch(asking, { secretFields: ["x-api-key"], profile })(`${a.url}/`, { headers: FIELDS });
      assert.ok(!JSON.stringify(b.seen).includes("s3cret"));
    }
    assert.equal(b.seen.length, 1); // A profile is followed, without the secrets.
  });
}

test("a service that lies gets no cookie told", async () => {
  const a = await web({ "/": to("/two"), "/two": to("/three") });
  const { address: liar, calls } = await fake(lie(`${a.url}/two`), create(FollowResponseSchema, { result: { case: "stop", value: { reason: 1 } } }));
  await followingFetch(remote(liar, PATIENT))(`${a.url}/`, { headers: { Cookie: "c=s3cret" } });
  assert.deepEqual(
    a.seen.map(({ fields }) => fields.cookie),
    ["c=s3cret", "c=s3cret"],
  );
  assert.equal(calls.length, 2);
  for (const { request } of calls) assert.ok(request.headers.every(({ content }) => Buffer.from(String(content.value ?? "")).indexOf("s3cret") < 0));
});

test("origins are compared as fetch reads them", async () => {
  const { sameOrigin } = await import("../dist/secrets.js");
  for (const [url, other] of [
    ["HTTPS://A.Test:443", "https://a.test/x"],
    ["http://bücher.example/", "http://xn--bcher-kva.example/"],
    ["http://u:p@a.test/", "http://a.test/"],
    ["http://127.1/", "http://127.0.0.1/"],
    ["http://a.test/", "http:\\\\a.test\\@b.test/"],
  ])
    assert.ok(sameOrigin(url, other) && sameOrigin(other, url), url);
  for (const [url, other] of [
    ["http://a.test/", "https://a.test/"],
    ["http://a.test/", "http://a.test:8080/"],
    ["http://a.test/", "http://b.a.test/"],
    ["http://a.test/", "http://b.test\\@a.test/"],
    ["http://a.test/", "http://a.test@b.test/"],
    ["/x", "/x"],
    ["data:x", "data:x"],
    ["http://[", "http://["],
  ])
    assert.ok(!sameOrigin(url, other) && !sameOrigin(other, url), url);
  assert.ok(sameOrigin("https://a.test/", "http://b.test:80/", ["https://a.test", "http://b.test"]));
  assert.ok(!sameOrigin("https://a.test/", "http://b.test:80/", ["https://a.test"]));
});

// Options of a Request, or beside it.

for (const [how, call] of Object.entries({
  "a Request": (fetch, url, init) => fetch(new Request(url, init)),
  "an init": (fetch, url, init) => fetch(url, init),
  "a Request under an init": (fetch, url, init) => fetch(new Request(url, { integrity: hashed("else") }), init),
})) {
  test(`integrity holds for the last content only: ${how}`, async () => {
    const a = await web({ "/": to("/two", 302, "redirect"), "/two": to("/three", 302, "redirect"), "/three": [200, {}, "final"], "/bare": [302, {}, "final"] });
    for (const path of ["/", "/three", "/bare"]) {
      const final = await call(following(), a.url + path, { integrity: hashed("final") });
      assert.deepEqual([await final.text(), final.url], ["final", path === "/bare" ? `${a.url}/bare` : `${a.url}/three`]);
      for (const wrong of [hashed("redirect"), hashed("else"), "sha256-AAAA"]) {
        await assert.rejects(call(following(), a.url + path, { integrity: wrong }), (error) => error instanceof TypeError && !(error instanceof Stopped));
      }
    }
  });
}

test("integrity is of the decoded content", async () => {
  const a = await web({ "/": to("/zip"), "/zip": [200, { "Content-Encoding": "gzip" }, gzipSync("final")] });
  assert.equal(await (await following()(`${a.url}/`, { integrity: hashed("final") })).text(), "final");
});

test("a dispatcher sees every hop, also a Request's own", async () => {
  const a = await web({ "/": to("/two"), "/two": to("/three") });
  const base = globalThis[Symbol.for("undici.globalDispatcher.1")];
  for (const [input, init] of [
    [`${a.url}/`, (dispatcher) => ({ dispatcher })],
    [null, () => ({})],
  ]) {
    const paths = [];
    const dispatcher = { dispatch: (options, handler) => (paths.push(options.path), base.dispatch(options, handler)) };
    await following()(input ?? new Request(`${a.url}/`, { dispatcher }), init(dispatcher));
    assert.deepEqual(paths, ["/", "/two", "/three"]);
  }
});

test("a signal ends the chain, whether it is a Request's or stands beside it", async () => {
  for (const where of ["request", "init"]) {
    const controller = new AbortController();
    const a = await web();
    const b = createServer((request, response) => (response.writeHead(302, { Location: `${a.url}/end` }).end(), controller.abort(new Error("enough"))));
    const url = await listening(b);
    const init = { signal: controller.signal };
    await assert.rejects(where === "request" ? following()(new Request(url, init)) : following()(url, init), { message: "enough" });
    assert.equal(a.seen.length, 0);
  }
});

test("the other options go with every hop", async () => {
  const a = await web({ "/": to("/two"), "/two": to("/three") });
  const calls = [];
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => (calls.push(init), real(input, init));
  const given = {
    cache: "no-store",
    credentials: "omit",
    keepalive: true,
    mode: "same-origin",
    referrerPolicy: "no-referrer",
    referrer: "",
    priority: "low",
    window: null,
  };
  try {
    await following()(new Request(`${a.url}/`, { ...given, mode: "cors" })).catch(() => undefined);
    await following()(`${a.url}/`, { ...given, mode: "cors" });
  } finally {
    globalThis.fetch = real;
  }
  assert.equal(calls.length, 6);
  for (const [i, { cache, credentials, keepalive, mode, referrerPolicy, referrer, priority, redirect, integrity }] of calls.entries()) {
    assert.deepEqual([cache, credentials, keepalive, mode, referrerPolicy, referrer], ["no-store", "omit", true, "cors", "no-referrer", ""]);
    assert.deepEqual([redirect, integrity, priority], ["manual", undefined, i < 3 ? undefined : "low"]); // A Request tells its priority nobody.
  }
});

test("what cannot be kept is refused", async () => {
  const a = await web({ "/": to("/two") });
  for (const call of [() => following()(`${a.url}/`, { mode: "no-cors" }), () => following()(new Request(`${a.url}/`, { mode: "no-cors" }))]) {
    await assert.rejects(call, /mode "no-cors" shows no redirect/);
  }
  for (const init of [{ redirect: "elsewhere" }, { mode: "navigate" }, { window: {} }, { cache: "some" }])
    await assert.rejects(following()(`${a.url}/`, init), TypeError);
  assert.equal(a.seen.length, 0);
});

for (const where of ["request", "init"]) {
  test(`redirect keeps fetch's meaning and asks nobody: ${where}`, async () => {
    const a = await web({ "/": to("file:///etc/passwd") });
    const nobody = followingFetch(new Client(closedPort(), plaintext(), { onError: "raise" }));
    const call = (init) => (where === "request" ? nobody(new Request(`${a.url}/`, init)) : nobody(`${a.url}/`, init));
    const manual = await call({ redirect: "manual" });
    assert.deepEqual([manual.status, manual.headers.get("location"), await manual.text()], [302, "file:///etc/passwd", "content"]);
    await assert.rejects(call({ redirect: "error" }), (error) => error instanceof TypeError && !(error instanceof Stopped));
  });
}

// Content.

const form = () => {
  const data = new FormData();
  data.append("item", "once");
  return data;
};
for (const status of [307, 308]) {
  for (const [name, body] of Object.entries({
    text: () => "once",
    bytes: () => new TextEncoder().encode("once"),
    buffer: () => new TextEncoder().encode("once").buffer,
    blob: () => new Blob(["once"], { type: "text/plain" }),
    form,
    parameters: () => new URLSearchParams({ item: "once" }),
  })) {
    test(`a Request's content is sent again with its length: ${name}, ${status}`, async () => {
      const a = await web({ "/": to("/two", status), "/two": to("/three", status) });
      for (const call of [
        () => following()(new Request(`${a.url}/`, { method: "POST", body: body() })),
        () => following()(`${a.url}/`, { method: "POST", body: body() }),
        () => following()(new Request(new Request(`${a.url}/`, { method: "POST", body: body() }))),
        () => following()(new Request(`${a.url}/`, { method: "POST", body: body() }).clone()),
      ]) {
        a.seen.length = 0;
        assert.equal((await call()).status, 200);
        assert.equal(a.seen.length, 3);
        for (const { method, body: sent, fields } of a.seen) {
          assert.deepEqual([method, fields["content-length"], fields["transfer-encoding"]], ["POST", String(Buffer.byteLength(sent)), undefined]);
          assert.deepEqual([sent, fields["content-type"]], [a.seen[0].body, a.seen[0].fields["content-type"]]);
          assert.match(sent, /once/);
        }
      }
    });
  }
}

test("a Request's stream is sent once", async () => {
  const a = await web({ "/": to("/two", 307), "/see": to("/two", 303) });
  const stream = () => new Blob(["once"]).stream();
  const pieces = async function* () {
    yield Buffer.from("once");
  };
  for (const body of [stream, pieces]) {
    const init = () => ({ method: "POST", body: body(), duplex: "half" });
    await assert.rejects(following()(new Request(`${a.url}/`, init())), stopped("BODY_NOT_REPLAYABLE"));
    assert.equal((await following()(new Request(`${a.url}/see`, init()))).status, 200);
    assert.deepEqual([a.seen.at(-2).body, a.seen.at(-1).method], ["once", "GET"]);
  }
});

// Content of redirects.

async function bomb() {
  const gzip = createGzip({ level: 9 });
  const packed = gzip.toArray();
  for (let i = 0; i < 510; i++) if (!gzip.write(Buffer.alloc(1 << 20))) await once(gzip, "drain");
  gzip.end();
  return Buffer.concat(await packed);
}

test("the content of a redirect is discarded, however it is damaged", async () => {
  const packed = await bomb();
  assert.ok(packed.length > 400 * 1024);
  const damaged = {
    "plain text as gzip": ["Content-Encoding: gzip\r\nContent-Length: 10", "plain text"],
    "cut chunks": ["Transfer-Encoding: chunked", "20\r\ncut"],
    "no chunks": ["Transfer-Encoding: chunked", "no chunks at all\r\n"],
    "too short": ["Content-Length: 100", "short"],
    "too long": ["Content-Length: 3", "longer than it says"],
    "a bomb": [`Content-Encoding: gzip\r\nContent-Length: ${packed.length}`, packed],
    "an unknown coding": ["Content-Encoding: br, zstd\r\nContent-Length: 8", "nonsense"],
  };
  const a = await web();
  for (const [name, [fields, content]] of Object.entries(damaged)) {
    const raw = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        socket.end(
          Buffer.concat([Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${a.url}/end\r\nConnection: close\r\n${fields}\r\n\r\n`), Buffer.from(content)]),
        ),
      );
    });
    const url = await listening(raw);
    const before = process.memoryUsage().rss;
    const final = await following()(url);
    assert.equal(await final.text(), "content", name);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024, name);
    await assert.rejects(following({ limit: 0 })(url), stopped("LIMIT"), name);
  }
});

// Options.

test("a profile, a limit and what is kept are options", async () => {
  const a = await web({ "/": to("/two", 302), "/two": to("/three", 300) });
  await following({ keepPost: true, followMultipleChoices: true })(`${a.url}/`, { method: "POST", body: "x" });
  assert.deepEqual(
    a.seen.map(({ method, path, body }) => `${method} ${path} ${body}`),
    ["POST / x", "POST /two x", "POST /three x"],
  );
  a.pages["/"] = to(`${a.url.replace("//", "//me:pw@")}/end`);
  assert.equal((await following({ userinfo: "strip" })(`${a.url}/`)).status, 200);
  assert.equal(a.seen.at(-1).fields.authorization, undefined);
  await assert.rejects(following({ userinfo: "stop" })(`${a.url}/`), stopped("USERINFO"));
  assert.equal((await following({ profile: "curl" })(`${a.url}/three`)).status, 200);
  await assert.rejects(following({ profile: "netscape" })(`${a.url}/`), /profile: expected one of strict, fetch/);
  await assert.rejects(following({ userinfo: "keep" })(`${a.url}/`), /userinfo: expected one of stop, strip/);
});

for (const status of [301, 302, 303]) {
  test(`a delivery is no GET: ${status}`, async () => {
    const a = await web({ "/": to("/login", status), "/moved": to("/hook", 308) });
    const deliver = following({ stopOnMethodChange: true });
    await assert.rejects(deliver(`${a.url}/`, { method: "POST", body: "x" }), stopped("METHOD_CHANGED"));
    assert.equal(a.seen.length, 1);
    assert.equal((await deliver(`${a.url}/moved`, { method: "POST", body: "x" })).status, 200);
  });
}

for (const rules of [{ denyPrivateAddresses: true }, { allowedHosts: ["shop.example"] }, { deniedHosts: ["127.0.0.1"] }, { allowedPorts: [443] }]) {
  test(`the first URL is held to the rules: ${JSON.stringify(rules)}`, async () => {
    const a = await web();
    for (const redirect of ["follow", "manual", "error"]) {
      await assert.rejects(following(rules)(`${a.url}/`, { redirect }), (error) => stopped("TARGET_NOT_ALLOWED")(error) && error.response.type === "error");
    }
    for (const asking of [undefined, client(closedPort(), { logger: { warn() {} } })]) {
      await assert.rejects(followingFetch(asking, rules)(`${a.url}/`), stopped("TARGET_NOT_ALLOWED"));
    }
    assert.equal(a.seen.length, 0);
  });
}

test("what the rules allow goes through", async () => {
  const a = await web({ "/": to("/two") });
  const { host, port } = new URL(a.url);
  assert.equal((await following({ allowedHosts: [host], allowedPorts: [Number(port)], deniedHosts: ["localhost"] })(`${a.url}/`)).status, 200);
  a.pages["/two"] = to(a.url.replace("127.0.0.1", "localhost"));
  await assert.rejects(following({ deniedHosts: ["localhost"] })(`${a.url}/`), stopped("TARGET_NOT_ALLOWED"));
});
