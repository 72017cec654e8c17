// Next, built and started: route handlers, and its proxy (once called middleware).
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { ask as asked } from "../apps.mjs";
import { webService } from "../support.mjs";
import { POLICY, rows } from "./web_rows.mjs";

const APP = new URL("../../examples/web/next/", import.meta.url).pathname;
const NEXT = new URL("dist/bin/next", import.meta.resolve("next/package.json")).pathname;

let port, server;
after(() => server?.kill("SIGKILL"));
before(async () => {
  const env = { ...process.env, FINGERPOST_WEB: (await webService(POLICY)).url, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [NEXT, "build"], { cwd: APP, env });
  server = spawn(process.execPath, [NEXT, "start", "--port", "0", "--hostname", "127.0.0.1"], { cwd: APP, env, stdio: ["ignore", "pipe", "inherit"] });
  // Its standard output stays open: Next ends when it cannot write there.
  port = await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => {
      const [, found] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
      if (found) resolve(found);
    });
    server.once("exit", reject);
  });
});

// As a Response: fetch would choose the Host.
async function ask(method, path, headers) {
  const { status, fields, body } = await asked(port, method, path, headers);
  const lines = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new Response(body || null, { status, headers: lines });
}

rows("Next", ask, { absolute: true });

test("Next: the visitor's host is the request's, not the one that Next listens on", async () => {
  const moved = await ask("GET", "/old");
  assert.match(moved.headers.get("location"), /^(?:http:\/\/shop\.example\.com)?\/new$/);
});
