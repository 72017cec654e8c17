// fetch() of Deno and of Bun.

import process from "node:process";
import { createInterface } from "node:readline";

const octets = (request) => new TextEncoder().encode(request.content);

// Its content comes only when it is asked for, so that it cannot be taken for known octets.
const stream = (request) =>
  new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(octets(request));
      controller.close();
    },
  });

async function send(request) {
  const body = request.content === null ? undefined : request.one_shot ? stream(request) : octets(request);
  const response = await fetch(request.url, { method: request.method, headers: request.headers, body, duplex: "half" });
  await response.arrayBuffer();
  return response.status;
}

const emit = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const describe = (error) => `${error.name} ${error.code ?? ""}: ${error.message} ${error.cause ? `(${error.cause.message})` : ""}`;

emit({ version: globalThis.Deno?.version.deno ?? globalThis.Bun.version });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    emit({ status: await send(JSON.parse(line)) });
  } catch (error) {
    emit({ error: describe(error) });
  }
}
