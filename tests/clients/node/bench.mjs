// What the order form costs from Node.js, in CPU µs of this process and in µs at the median: in process, by gRPC and by HTTP/JSON, under the policy of a
// shop and of a thousand rules. After tests/clients/node/run: cd build/clients/node/client/node && FINGERPOST_BIN=… node tests/bench.mjs
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import { Client, plaintext } from "fingerpost";

import { until } from "./support.mjs";

const FORM = {
  request: { method: "POST", url: "https://shop.example.com/orders" },
  intent: { purpose: "form_result", target: "/orders/7829/confirmation" },
};
// As an adapter asks.
const headers = [
  { name: "accept", value: "text/html,application/xhtml+xml" },
  { name: "content-type", value: "application/x-www-form-urlencoded" },
  { name: "origin", value: "https://shop.example.com" },
  { name: "sec-fetch-mode", value: "navigate" },
];
const ADAPTED = {
  request: { ...FORM.request, protocol: "http_1_1", headers },
  intent: { ...FORM.intent, flash: { text: "Order placed" } },
};
const RULED = { request: { method: "GET", url: "https://shop.example.com/nowhere", protocol: "http_1_1", headers: headers.slice(0, 1) } };
const rule = (i) => ({ id: `rule${i}`, match: { path: `/old/${i}` }, intent: { purpose: "permanent_move", target: `/new/${i}` } });
const POLICIES = { shop: 5, "a thousand rules": 1000 };

const folder = mkdtempSync(join(tmpdir(), "fingerpost-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** CPU µs per call, the least of five rounds, and the median of their times. */
async function measured(ask, calls) {
  for (let i = 0; i < calls / 4; i += 1) await ask();
  let least = Infinity;
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i += 1) {
      const from = performance.now();
      await ask();
      if (i % 16 === 0) times.push(performance.now() - from);
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / calls);
  }
  times.sort((a, b) => a - b);
  return [least, times[times.length >> 1] * 1000].map((one) => one.toFixed(1).padStart(8));
}

function byHttp(address) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const [host, port] = address.split(":");
  return (question) =>
    new Promise((resolve, reject) => {
      const sent = request({ host, port, agent, method: "POST", path: "/v1/decide", headers: { "content-type": "application/json" } }, async (response) => {
        const chunks = await response.toArray();
        resolve(JSON.parse(Buffer.concat(chunks)));
      });
      sent.on("error", reject).end(JSON.stringify(question));
    });
}

/** The addresses of a service for gRPC and for HTTP/JSON. */
async function served(...flags) {
  const child = spawn(join(process.env.FINGERPOST_BIN, "fingerpostd"), ["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", ...flags]);
  process.on("exit", () => child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address, http] = /listening on (\S+) .*HTTP\/JSON on (\S+)/.exec(line) ?? [];
    if (!address) continue;
    child.stdout.resume();
    child.stderr.resume();
    return { address, http };
  }
  throw new Error("fingerpostd did not start");
}

console.log(`${"CPU µs, µs at the median".padEnd(60)}`);
for (const [name, count] of Object.entries(POLICIES)) {
  const file = join(folder, `${count}.json`);
  writeFileSync(file, JSON.stringify({ rules: Array.from({ length: count }, (_, i) => rule(i)) }));
  const { address, http } = await served("--policy", file);
  const remote = new Client(address, plaintext(), { engine: "remote", timeoutMs: 10_000 });
  const local = new Client(address, plaintext(), { engine: "local" });
  const began = performance.now();
  await local.ready(60_000);
  console.log(`${name}: the policy is here after ${(performance.now() - began).toFixed(0)} ms`);
  for (const [what, question] of [
    ["order form", FORM],
    ["order form, as an adapter asks", ADAPTED],
    ["no rule matches", RULED],
  ]) {
    console.log(`  ${what}, in process`.padEnd(46), ...(await measured(() => local.decide(question), 20_000)));
    const json = byHttp(http);
    console.log(`  ${what}, HTTP/JSON`.padEnd(46), ...(await measured(() => json(question), 1_000)));
    console.log(`  ${what}, gRPC`.padEnd(46), ...(await measured(() => remote.decide(question), 1_000)));
  }
  writeFileSync(file, JSON.stringify({ rules: Array.from({ length: count + 1 }, (_, i) => rule(i)) }));
  const changed = performance.now();
  const { version } = local.policy;
  await until(() => local.policy.version !== version);
  console.log(`  a change of the file answers here after ${(performance.now() - changed).toFixed(0)} ms`);
  await Promise.all([local.close(), remote.close()]);
}
process.exit();
