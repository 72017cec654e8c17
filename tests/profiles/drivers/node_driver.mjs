// The Node.js clients: undici's fetch and redirect interceptor, follow-redirects, axios.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const require = createRequire(`${process.argv[2]}/`);
const octets = (request) => (request.content === null ? null : Buffer.from(request.content));

// A repeated field becomes an array, for node:http.
function grouped(headers) {
  const fields = {};
  for (const [name, value] of headers) {
    const same = Object.keys(fields).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
    fields[same] = same in fields ? [].concat(fields[same], value) : value;
  }
  return fields;
}

const clients = {
  "undici-fetch"() {
    const undici = require("undici");
    return {
      version: require("undici/package.json").version,
      async send(request) {
        const body = request.content === null ? undefined : request.content;
        const response = await undici.fetch(request.url, {
          method: request.method,
          headers: request.headers,
          ...(body === undefined ? {} : { body: request.one_shot ? Readable.toWeb(Readable.from([octets(request)])) : body, duplex: "half" }),
        });
        await response.arrayBuffer();
        return response.status;
      },
    };
  },
  "undici-redirect"() {
    const undici = require("undici");
    const dispatcher = new undici.Agent().compose(undici.interceptors.redirect({ maxRedirections: Number(process.argv[4]) }));
    return {
      version: require("undici/package.json").version,
      async send(request) {
        const body = request.one_shot ? Readable.from([octets(request)]) : octets(request);
        const response = await undici.request(request.url, { dispatcher, method: request.method, headers: request.headers.flat(), body });
        await response.body.dump();
        return response.statusCode;
      },
    };
  },
  "follow-redirects"() {
    const { http, https } = require("follow-redirects");
    return {
      version: require("follow-redirects/package.json").version,
      send: (request) =>
        new Promise((resolve, reject) => {
          const module = request.url.startsWith("https:") ? https : http;
          const outgoing = module.request(request.url, { method: request.method, headers: grouped(request.headers) }, (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode));
          });
          outgoing.on("error", reject);
          if (request.one_shot) Readable.from([octets(request)]).pipe(outgoing);
          else outgoing.end(octets(request) ?? undefined);
        }),
    };
  },
  axios() {
    const axios = require("axios");
    return {
      version: axios.VERSION,
      async send(request) {
        const data = request.content === null ? undefined : request.one_shot ? Readable.from([octets(request)]) : request.content;
        const response = await axios.request({ method: request.method, url: request.url, headers: grouped(request.headers), data, validateStatus: () => true });
        return response.status;
      },
    };
  },
};

const emit = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const describe = (error) => `${error.name} ${error.code ?? ""}: ${error.message} ${error.cause ? `(${error.cause.message})` : ""}`;

const { version, send } = clients[process.argv[3]]();
// An error on a socket that the client has abandoned must not end the driver.
process.on("uncaughtException", (error) => process.stderr.write(`${describe(error)}\n`));
emit({ version });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    emit({ status: await send(JSON.parse(line)) });
  } catch (error) {
    emit({ error: describe(error) });
  }
}
