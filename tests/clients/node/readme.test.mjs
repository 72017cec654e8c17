// Every JavaScript block of the package's README runs in an application that installed the package as in the README,
// and prints the README's output.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { service } from "./support.mjs";

const run = promisify(execFile);
const PACKAGE = new URL("..", import.meta.url).pathname;
const README = readFileSync(join(PACKAGE, "README.md"), "utf8");
const BLOCKS = [...README.matchAll(/```js\n(.*?)```(?:\n\nIt prints\n\n```text\n(.*?)```)?/gs)];

let address, application, shop;
before(async () => {
  address = await service();
  application = mkdtempSync(join(tmpdir(), "fingerpost-app-"));
  writeFileSync(join(application, "package.json"), '{"type": "module"}');
  assert.match(README, /^npm install \.\/client\/node$/m);
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE], { cwd: application });
  for (const name of ["express", "fastify"]) symlinkSync(join(PACKAGE, "node_modules", name), join(application, "node_modules", name));
  shop = createServer((request, response) => {
    if (request.url === "/spring-sale") response.writeHead(302, { Location: "/products?promo=spring" });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(shop, "listening");
});
after(() => (shop.close(), rmSync(application, { recursive: true, force: true })));

test("there are blocks", () => {
  assert.ok(BLOCKS.length >= 3 && BLOCKS.some(([, , printed]) => printed));
  for (const [, code] of BLOCKS) assert.ok(['"127.0.0.1:50051"', "FakeClient", "followingFetch(undefined"].some((part) => code.includes(part)));
});

test("README, the commands", async () => {
  const commands = [...README.matchAll(/^npx (fingerpost .*)$/gm)].map(([, command]) => command.replace("127.0.0.1:50051", `${address} --timeout 60`));
  assert.equal(commands.length, 2);
  for (const [i, command] of commands.entries()) {
    const { stdout } = await run("sh", ["-c", command], {
      cwd: application,
      env: { ...process.env, PATH: `${join(application, "node_modules/.bin")}:${process.env.PATH}` },
    });
    assert.match(stdout, [/^SERVING\n$/, /^{"outcome":"OUTCOME_REDIRECT","status":303,/][i]);
  }
});

BLOCKS.forEach(([, code, printed], number) => {
  test(`README, block ${number + 1}`, async () => {
    const shopAt = `127.0.0.1:${shop.address().port}`;
    // Long timeouts, because the machine may be busy.
    const patient = code
      .replaceAll("127.0.0.1:50051", address)
      .replaceAll("127.0.0.1:8000", shopAt)
      .replace("ready(5_000)", "ready(60_000)")
      .replace("plaintext())", "plaintext(), { timeoutMs: 20_000 })");
    writeFileSync(join(application, `block${number}.js`), patient);
    const { stdout } = await run(process.execPath, [`block${number}.js`], { cwd: application });
    assert.equal(stdout, printed ?? `200 http://${shopAt}/products?promo=spring\n`);
  });
});
