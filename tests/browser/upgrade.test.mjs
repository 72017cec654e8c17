// Cases that no shop has: an HTTPS upgrade that Chromium remembers (HSTS), a flash message over https, and the OAuth
// mistake that 303 prevents.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import express from "express";
import { Fingerpost } from "fingerpost/express";

import { client, PATIENT, service } from "../tests/support.mjs";
import { closeBrowsers, open } from "./chromium.mjs";

// A browser may ask for a page's icon at any time, even during the next page.
const withoutIcons = (seen) => seen.filter((line) => !line.endsWith(" /favicon.ico"));

const HSTS = { max_age: "31536000s" };

let fp;
after(closeBrowsers);
before(async () => {
  fp = new Fingerpost(client(await service(), PATIENT));
});

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => (server.close(), server.closeAllConnections()));
  return server.address().port;
}

// Key and certificate for shop.test, and what Chromium needs to trust it: with an ignored error there would be no HSTS.
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "fingerpost-tls-"));
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=shop.test",
      "-addext",
      "subjectAltName=DNS:shop.test",
      "-keyout",
      join(folder, "key.pem"),
      "-out",
      join(folder, "cert.pem"),
    ],
    { stdio: "ignore" },
  );
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
  rmSync(folder, { recursive: true });
  const spki = createHash("sha256")
    .update(new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  return { key, cert, spki };
}

function application(seen) {
  const app = express();
  app.use((req, res, next) => (seen.push(`${req.protocol} ${req.method} ${req.url}`), next()));
  app.use((req, res, next) => (req.secure ? next() : fp.redirect(res, "https_upgrade", "", { hsts: HSTS })));
  app.get("/start", (req, res) => fp.redirect(res, "canonical_url", "/", { hsts: HSTS }));
  app.get("/", (req, res) => void res.send(`<p id="flash">${fp.flash(res)}</p><form method="post" action="/orders"><button>Order</button></form>`));
  app.post("/orders", (req, res) => fp.redirect(res, "form_result", "/", { flash: "Order placed" }));
  return app;
}

test("an HTTPS upgrade, which HSTS remembers, and a flash message in a __Host- cookie", async () => {
  const seen = [];
  const app = application(seen);
  const { key, cert, spki } = certificate();
  const [http, https] = [await listening(createServer(app)), await listening(createTlsServer({ key, cert }, app))];
  const { page, go, shot } = await open({
    flags: [`--ignore-certificate-errors-spki-list=${spki}`, `--host-resolver-rules=MAP shop.test:80 127.0.0.1:${http}, MAP shop.test:443 127.0.0.1:${https}`],
  });
  const visit = async (url) => {
    seen.length = 0;
    await page.goto(url);
    return withoutIcons(seen);
  };
  assert.deepEqual(await visit("http://shop.test/start"), ["http GET /start", "https GET /start", "https GET /"]);
  assert.equal(page.url(), "https://shop.test/");
  // Chromium does not ask over http again.
  assert.deepEqual(await visit("http://shop.test/?again"), ["https GET /?again"]);
  assert.equal(page.url(), "https://shop.test/?again");

  await go("button", "https://shop.test/");
  assert.equal(await page.textContent("#flash"), "Order placed");
  await shot("https-flash");
  await page.reload();
  assert.equal(await page.textContent("#flash"), "");
});

test("without HSTS Chromium asks over http each time: the test can fail", async () => {
  const seen = [];
  const { key, cert, spki } = certificate();
  const app = (secure) => (request, response) => {
    seen.push(`${secure ? "https" : "http"} ${request.url}`);
    if (!secure) response.writeHead(307, { Location: "https://shop.test/" });
    response.end("page");
  };
  const [http, https] = [await listening(createServer(app(false))), await listening(createTlsServer({ key, cert }, app(true)))];
  const { page } = await open({
    flags: [`--ignore-certificate-errors-spki-list=${spki}`, `--host-resolver-rules=MAP shop.test:80 127.0.0.1:${http}, MAP shop.test:443 127.0.0.1:${https}`],
  });
  await page.goto("http://shop.test/");
  await page.goto("http://shop.test/");
  const visit = ["http /", "https /"];
  assert.deepEqual(withoutIcons(seen), [...visit, ...visit]);
});

test("a 307 to the OAuth client carries the password on: what 303 prevents is real", async () => {
  const received = [];
  const port = await listening(
    createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      received.push(`${request.method} ${request.headers.host.split(":")[0]} ${request.url} ${body}`.trim());
      const login = request.url === "/login" && request.method === "POST";
      response.writeHead(login ? 307 : 200, { "Content-Type": "text/html", ...(login && { Location: `http://localhost:${port}/callback?code=1` }) });
      response.end('<form method="post" action="/login"><input name="password" value="s3cret"><button>Log in</button></form>');
    }),
  );
  const { page, go } = await open();
  await page.goto(`http://127.0.0.1:${port}/login`);
  await go("button", /\/callback\?/);
  assert.ok(received.includes("POST localhost /callback?code=1 password=s3cret"), received.join("\n"));
});
