// Generates the stubs from the repository's protos and compiles the package. Nothing generated is committed.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const protos = join(root, "proto");
const tool = (name) => join(here, "node_modules/.bin", name);
const sources = ["fingerpost/v1", "google/rpc"].flatMap((folder) => readdirSync(join(protos, folder)).map((file) => join(protos, folder, file)));

function run(command, ...words) {
  try {
    execFileSync(command, words, { cwd: here, stdio: "inherit" });
  } catch (error) {
    console.error(error.code === "ENOENT" ? `${command} is missing; Debian's package: protobuf-compiler` : `${command} failed`);
    process.exit(1);
  }
}

for (const folder of ["dist", "src/gen"]) rmSync(join(here, folder), { recursive: true, force: true });
mkdirSync(join(here, "src/gen"));
const options = "target=ts,import_extension=js,json_types=true";
run("protoc", `-I${protos}`, `--plugin=protoc-gen-es=${tool("protoc-gen-es")}`, "--es_out=src/gen", `--es_opt=${options}`, ...sources);
// A worker has no file to read its version from.
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
writeFileSync(join(here, "src/gen/version.ts"), `/** Of this package. */\nexport const VERSION = ${JSON.stringify(version)};\n`);
run(process.execPath, tool("tsc"));
// What all clients share, unchanged: the engine's module, built once, and how gRPC calls the service.
const engine = join(root, "service/engine/build");
if (existsSync(engine)) run(engine, "module");
for (const file of ["fingerpost.wasm", "licences"]) copyFileSync(join(root, "build/engine", file), join(here, "dist", file));
copyFileSync(join(root, "client/service_config.json"), join(here, "dist/service_config.json"));
copyFileSync(join(root, "LICENSE"), join(here, "LICENSE"));
chmodSync(join(here, "dist/cli.js"), 0o755);
