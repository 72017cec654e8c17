// Like client.py, with @grpc/grpc-js; it runs beside the package's own node_modules.
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";

const CALLERS = 8;
const MILLISECONDS = 30_000;

const question = Buffer.from(process.argv[2], "base64");
const config = process.argv[3];
const counts = {};
let client;
let stop = false;

const same = (octets) => octets;

function ask() {
  return new Promise((resolve) => {
    client.makeUnaryRequest("/fingerpost.v1.RedirectService/Decide", same, same, question, { deadline: Date.now() + MILLISECONDS }, (error) =>
      resolve(error ? grpc.status[error.code] : "OK"),
    );
  });
}

async function call() {
  while (!stop) {
    const code = await ask();
    counts[code] = (counts[code] ?? 0) + 1;
  }
}

const callers = [];
for await (const order of createInterface({ input: process.stdin })) {
  const [verb, addresses] = order.split(" ");
  if (verb === "stop") break;
  client = new grpc.Client(`ipv4:${addresses}`, grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    ...(config ? { "grpc.service_config": config } : {}),
  });
  if (callers.length === 0) for (let i = 0; i < CALLERS; ++i) callers.push(call());
}
stop = true;
await Promise.all(callers);
console.log(JSON.stringify(counts));
process.exit(0);
