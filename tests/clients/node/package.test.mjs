// The package as for a registry.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGE = new URL("../package.json", import.meta.url);

test("the package has its modules, their types and the shared files, and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: dirname(fileURLToPath(PACKAGE)), encoding: "utf8" });
  const files = new Set(JSON.parse(packed)[0].files.map(({ path }) => path));
  const { exports, bin } = JSON.parse(readFileSync(PACKAGE, "utf8"));
  for (const entry of [...Object.values(exports), ...Object.values(bin)]) {
    const file = entry.replace("./", "");
    assert.ok(files.has(file) && files.has(file.replace(/\.js$/, ".d.ts")), file);
  }
  for (const shared of ["service_config.json", "fingerpost.wasm", "licences"]) assert.ok(files.has(`dist/${shared}`), shared);
  assert.deepEqual([...files].filter((file) => !/^dist\/.*\.(js|d\.ts|json|wasm)$|^dist\/licences$/.test(file)).sort(), [
    "LICENSE",
    "README.md",
    "WEB.md",
    "package.json",
  ]);
  assert.equal(readFileSync(new URL("LICENSE", PACKAGE), "utf8"), readFileSync(join(process.env.FINGERPOST_GOLDEN, "../../LICENSE"), "utf8"));
});
