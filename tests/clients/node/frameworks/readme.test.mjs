// WEB.md: every block that says what it prints prints it, with the real frameworks; every module that it imports exists.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { promisify } from "node:util";

import { webService } from "../support.mjs";
import { POLICY } from "./web_rows.mjs";

const WEB = readFileSync(process.env.FINGERPOST_WEB_MD, "utf8");
const PRINTING = [...WEB.matchAll(/```js\n((?:(?!```).)*?)```\n\nIt prints\n\n```text\n(.*?)```/gs)];
const { exports } = JSON.parse(readFileSync(new URL("../../node_modules/fingerpost/package.json", import.meta.url), "utf8"));

let address;
before(async () => {
  address = (await webService(POLICY)).url;
});

test("WEB.md has blocks", () => assert.equal(PRINTING.length, 3));

PRINTING.forEach(([, code, printed], number) => {
  test(`WEB.md, block ${number + 1}`, async () => {
    assert.ok(code.includes('"http://127.0.0.1:8080"'));
    const file = new URL(`block${number}.mjs`, import.meta.url);
    writeFileSync(file, code.replace('"http://127.0.0.1:8080"', `"${address}", { connectTimeoutMs: 20_000 }`));
    const { stdout } = await promisify(execFile)(process.execPath, [file.pathname]);
    assert.equal(stdout, printed);
  });
});

test("WEB.md imports what there is", async () => {
  const imported = [...WEB.matchAll(/import \{? ?([\w, ]+?) ?\}? from "fingerpost(\/[\w.]+)?(?:\?module)?"/g)];
  assert.ok(imported.length > 10);
  for (const [, names, path = ""] of imported) {
    const file = exports[`.${path}`];
    assert.ok(file, path);
    if (!file.endsWith(".js")) continue;
    // Next's and SvelteKit's own adapters import frameworks that only run built.
    const text = readFileSync(new URL(`../../node_modules/fingerpost/${file}`, import.meta.url), "utf8");
    for (const name of names.split(", ")) assert.match(text, new RegExp(`\\b${name}\\b`), `${path} ${name}`);
  }
});
