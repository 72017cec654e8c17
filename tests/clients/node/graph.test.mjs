// What the web's entries import, to the end: nothing of Node.js, no gRPC.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { test } from "node:test";

const PACKAGE = new URL("../package.json", import.meta.url);
const { exports } = JSON.parse(readFileSync(PACKAGE, "utf8"));
// A framework's own adapter imports the framework.
const OWN = { "./next": ["next/server.js"], "./sveltekit": ["@sveltejs/kit"] };

const IMPORTS =
  /(?:^|[\n;}])\s*(?:import|export)\s*(?:[\w*{}\s,$]+?\s*from\s*)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|\brequire\(\s*["']([^"']+)["']\s*\)/g;

/** All files that `entry` imports, itself included, and the names that are no files. */
function graph(entry) {
  const files = new Set();
  const names = new Set();
  const left = [entry];
  for (let file = left.pop(); file; file = left.pop()) {
    if (files.has(file.href)) continue;
    files.add(file.href);
    for (const [, from, dynamic, required] of readFileSync(file, "utf8").matchAll(IMPORTS)) {
      const name = from ?? dynamic ?? required;
      if (name.startsWith(".")) left.push(new URL(name, file));
      else if (name.startsWith("@bufbuild/protobuf")) left.push(protobuf(name));
      else names.add(name);
    }
  }
  return { files: [...files], names: [...names] };
}

// The package's file for `import`.
function protobuf(name) {
  const file = createRequire(PACKAGE).resolve(name);
  return new URL(`file://${file.replace("/dist/commonjs/", "/dist/esm/")}`);
}

test("the walk finds what there is to find", () => {
  const { files, names } = graph(new URL(exports["."], PACKAGE));
  assert.ok(names.includes("@grpc/grpc-js") && names.some(isBuiltin), `${names}`);
  assert.ok(files.some((file) => file.includes("/@bufbuild/protobuf/dist/esm/")) && files.some((file) => file.endsWith("/gen/fingerpost/v1/decide_pb.js")));
});

for (const entry of ["./web", "./hono", "./next", "./sveltekit"]) {
  test(`${entry} imports nothing of Node.js, and no gRPC`, () => {
    const { files, names } = graph(new URL(exports[entry], PACKAGE));
    assert.deepEqual(names, OWN[entry] ?? []);
    assert.ok(files.length > 10, `${files}`);
    // protobuf-es asks whether there is a `process`.
    for (const file of files.filter((one) => !one.includes("/@bufbuild/"))) {
      const text = readFileSync(new URL(file), "utf8").replace(/^ *(?:\/\/|\*|\/\*).*$/gm, "");
      assert.deepEqual(text.match(/\bBuffer\b|\bprocess\.|\b__dirname\b|\bsetImmediate\b/g), null, file);
    }
  });
}

test("the web entry does not reach the client by gRPC", () => {
  const { files } = graph(new URL(exports["./web"], PACKAGE));
  for (const name of ["stub.js", "client.js", "status.js", "messages.js"]) assert.ok(!files.some((file) => file.endsWith(`/dist/${name}`)), name);
});
