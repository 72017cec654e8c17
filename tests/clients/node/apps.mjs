// Small applications in Express and in Fastify, or in the frameworks of frameworks/, and a request to them, octet by octet.
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { after } from "node:test";

import express from "express";
import Fastify from "fastify";
import * as forExpress from "fingerpost/express";
import * as forFastify from "fingerpost/fastify";

// The same tests run in the other frameworks, where those are installed.
const others = process.env.FINGERPOST_FRAMEWORKS && (await import("./frameworks/node_apps.mjs"));

/** `routes` are pages by path, `(fp, out, query) => …`, where `out` is Express' res or Fastify's reply; the framework answers errors. */
export const APPS = others?.APPS ?? {
  async Express(asking, { trustProxy = false, env = "production", routes = {}, ...options } = {}) {
    const fp = new forExpress.Fingerpost(asking, options);
    const app = express();
    app.set("trust proxy", trustProxy);
    app.set("env", env);
    app.use(fp.rules);
    const mounted = express.Router();
    for (const [path, page] of Object.entries(routes)) mounted.all(path, (req, res) => page(fp, res, req.query));
    app.use("/mounted", mounted);
    app.use(mounted);
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    after(() => server.close());
    return server.address().port;
  },
  async Fastify(asking, { trustProxy = false, routes = {}, env, logger = false, rewriteUrl, ...options } = {}) {
    const fp = new forFastify.Fingerpost(asking, options);
    const app = Fastify({ trustProxy, ...(rewriteUrl && { rewriteUrl }), ...(logger && { loggerInstance: logger }) });
    app.addHook("onRequest", fp.rules);
    const mounted = async (scope) => {
      for (const [path, page] of Object.entries(routes)) scope.all(path, (request, reply) => page(fp, reply, request.query));
    };
    app.register(mounted, { prefix: "/mounted" });
    app.register(mounted);
    await app.listen({ port: 0, host: "127.0.0.1" });
    after(() => app.close());
    return app.server.address().port;
  },
};

const failed = ({ name, code }) => ({ name, code });

/** `pages` by path, `(fp, out, query, params) => …`. The application's own error handler shows an error's name and code. */
export const SHOPS = others?.SHOPS ?? {
  async Express(asking, { trustProxy = false, ...options }, pages) {
    const fp = new forExpress.Fingerpost(asking, options);
    const app = express();
    app.set("trust proxy", trustProxy);
    app.use(fp.rules);
    for (const [path, page] of Object.entries(pages)) app.all(path, (req, res) => page(fp, res, req.query, req.params));
    app.use((error, req, res, next) => void (res.headersSent ? next(error) : res.status(error.status).json(failed(error))));
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    after(() => server.close());
    return server.address().port;
  },
  async Fastify(asking, { trustProxy = false, ...options }, pages) {
    const fp = new forFastify.Fingerpost(asking, options);
    const app = Fastify({ trustProxy });
    app.addHook("onRequest", fp.rules);
    for (const [path, page] of Object.entries(pages)) app.all(path, (request, reply) => page(fp, reply, request.query, request.params));
    app.setErrorHandler((error, request, reply) => void reply.code(error.status).send(failed(error)));
    await app.listen({ port: 0, host: "127.0.0.1" });
    after(() => app.close());
    return app.server.address().port;
  },
};

/** One unchanged request, with its own Host. */
export async function ask(port, method, path, headers = {}) {
  const sent = httpRequest({ host: "127.0.0.1", port, method, path, headers: { host: "shop.example.com", ...headers } });
  sent.end();
  const [response] = await once(sent, "response");
  const chunks = await response.toArray();
  return { status: response.statusCode, fields: response.headers, body: Buffer.concat(chunks).toString() };
}

/** The answer to octets that no HTTP library would send. */
export async function askRaw(port, head) {
  const socket = connect(port, "127.0.0.1");
  socket.write(Buffer.from(`${head}\r\nConnection: close\r\n\r\n`, "latin1"));
  return Buffer.concat(await socket.toArray()).toString();
}

/** Keeps its arguments. */
export function keeping() {
  const lines = [];
  return { lines, warn: (line) => void lines.push(line) };
}

/** Asks a real service, and records the questions. */
export function recording(asking, options) {
  const questions = [];
  return {
    questions,
    decide: (question, more) => (questions.push(question), asking.decide(question, { ...options, ...more })),
    follow: asking.follow.bind(asking),
  };
}
