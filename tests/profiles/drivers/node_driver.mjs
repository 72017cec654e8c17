// The Node.js clients.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.argv[2]}/`);
const versionOf = (name) => JSON.parse(readFileSync(`${process.argv[2]}/${name}/package.json`)).version;
// Ends the current request with an error that reached nobody.
let abandon = () => {};
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

// What node:http announces of content only with methods that have some as a rule.
function framed(request) {
  const fields = grouped(request.headers);
  if (request.content !== null) fields[request.one_shot ? "Transfer-Encoding" : "Content-Length"] = request.one_shot ? "chunked" : octets(request).length;
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
          const outgoing = module.request(request.url, { method: request.method, headers: framed(request) }, (response) => {
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
        const response = await axios.request({ method: request.method, url: request.url, headers: framed(request), data, validateStatus: () => true });
        return response.status;
      },
    };
  },
  "node-fetch"() {
    const fetch = require("node-fetch");
    return {
      version: require("node-fetch/package.json").version,
      async send(request) {
        // A Buffer, because fetch() would make up a Content-Type for a string.
        const body = request.one_shot ? Readable.from([octets(request)]) : octets(request);
        const response = await fetch(request.url, { method: request.method, headers: request.headers, body });
        await response.buffer();
        return response.status;
      },
    };
  },
  async got() {
    const { default: got } = await import(pathToFileURL(require.resolve("got")));
    return {
      version: versionOf("got"),
      async send(request) {
        const body = request.content === null ? undefined : request.one_shot ? Readable.from([octets(request)]) : request.content;
        const response = await got(request.url, {
          method: request.method,
          headers: grouped(request.headers),
          body,
          retry: { limit: 0 },
          throwHttpErrors: false,
        });
        return response.statusCode;
      },
    };
  },
  superagent() {
    const superagent = require("superagent");
    return {
      version: require("superagent/package.json").version,
      async send(request) {
        const outgoing = superagent(request.method, request.url).ok(() => true);
        for (const [name, value] of Object.entries(grouped(request.headers))) outgoing.set(name, value);
        if (request.content !== null) outgoing.send(octets(request));
        const response = await outgoing;
        return response.status;
      },
    };
  },
  needle() {
    const needle = require("needle");
    return {
      version: require("needle/package.json").version,
      async send(request) {
        const body = request.one_shot ? Readable.from([octets(request)]) : octets(request);
        // What it throws while it reads an answer reaches no caller, and would end the program.
        const thrown = new Promise((_, reject) => (abandon = reject));
        const response = await Promise.race([thrown, needle(request.method, request.url, body, { headers: grouped(request.headers), follow: 10 })]);
        return response.statusCode;
      },
    };
  },
  "make-fetch-happen"() {
    const fetch = require("make-fetch-happen");
    const { Minipass } = require("minipass");
    return {
      version: require("make-fetch-happen/package.json").version,
      async send(request) {
        const body = request.one_shot ? new Minipass().end(octets(request)) : octets(request);
        const response = await fetch(request.url, { method: request.method, headers: grouped(request.headers), body });
        await response.buffer();
        return response.status;
      },
    };
  },
};

const emit = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const describe = (error) => `${error.name} ${error.code ?? ""}: ${error.message} ${error.cause ? `(${error.cause.message})` : ""}`;

const { version, send } = await clients[process.argv[3]]();
// An error on a socket that the client has abandoned must not end the driver.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${describe(error)}\n`);
  abandon(error);
});
emit({ version });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    emit({ status: await send(JSON.parse(line)) });
  } catch (error) {
    emit({ error: describe(error) });
  }
}
