// The web entry in other runtimes than Node.js: Cloudflare's workerd, and Bun.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { ask as asked } from "../apps.mjs";
import { start, webService } from "../support.mjs";
import { POLICY, rows } from "./web_rows.mjs";

const example = (name) => fileURLToPath(new URL(`../../examples/web/${name}`, import.meta.url));
const program = (name) => fileURLToPath(import.meta.resolve(name));

const RUNTIMES = {
  async Bun(address) {
    const env = { ...process.env, FINGERPOST_WEB: address, PORT: "0" };
    return (await start(program("@oven/bun-linux-x64-baseline/bin/bun"), [example("bun.mjs")], { env })).address.split(":")[1];
  },
  async workerd(address) {
    const folder = mkdtempSync(join(tmpdir(), "fingerpost-worker-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const external = ["cloudflare:workers", "fingerpost/engine.wasm"];
    await build({ entryPoints: [example("worker.mjs")], outfile: join(folder, "worker.js"), bundle: true, format: "esm", external, logLevel: "error" });
    writeFileSync(join(folder, "engine.wasm"), readFileSync(program("fingerpost/engine.wasm")));
    writeFileSync(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
       const config :Workerd.Config = (
         services = [
           (name = "shop", worker = (
             modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "fingerpost/engine.wasm", wasm = embed "engine.wasm")],
             bindings = [(name = "FINGERPOST_WEB", text = "${address}")],
             compatibilityDate = "2026-01-01")),
           (name = "internet", network = (allow = ["local", "private"]))],
         sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "shop")]);`,
    );
    const child = spawn(program("@cloudflare/workerd-linux-64/bin/workerd"), ["serve", "config.capnp", "--control-fd=1"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.on("exit", () => child.kill("SIGKILL"));
    return new Promise((resolve, reject) => {
      child.once("exit", reject);
      child.stdout.once("data", (line) => {
        // From here on neither keeps this process; until then nothing else does.
        child.unref();
        child.stdout.unref();
        resolve(JSON.parse(line).port);
      });
    });
  },
};

for (const [name, started] of Object.entries(RUNTIMES)) {
  describe(name, () => {
    let port;
    before(async () => {
      port = await started((await webService(POLICY)).url);
    });
    rows(name, async (method, path, headers) => {
      const { status, fields, body } = await asked(port, method, path, headers);
      return new Response(body || null, { status, headers: Object.entries(fields).flatMap(([key, value]) => [value].flat().map((one) => [key, one])) });
    });
  });
}
