// The applications of ../apps.mjs in Koa, and in Nest on Express and on Fastify.
import "reflect-metadata";

import { once } from "node:events";
import { after } from "node:test";

import { All, Controller, Module, Param, Query, Res } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import * as forKoa from "fingerpost/koa";
import * as forNest from "fingerpost/nest";
import Koa from "koa";

async function koa(asking, { trustProxy = false, env = "production", page, mounted, failed, ...options }) {
  const fp = new forKoa.Fingerpost(asking, options);
  const app = new Koa({ proxy: trustProxy, env });
  app.silent = true;
  if (failed) app.use((ctx, next) => next().catch((error) => ((ctx.status = error.status), (ctx.body = failed(error)))));
  app.use(fp.rules);
  app.use((ctx) => {
    const path = mounted ? ctx.path.replace(/^\/mounted\//, "/") : ctx.path;
    return page(path)?.(fp, expressed(ctx), ctx.query);
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return server.address().port;
}

// As the pages of the tests see a response.
function expressed(ctx) {
  const own = (name, value) => Object.defineProperty(ctx, name, { value, configurable: true });
  own("raw", ctx.res);
  own("hijack", () => (ctx.respond = false));
  own("send", (body) => void (ctx.body = body));
  own("header", (name, value) => ctx.set(name, value));
  return ctx;
}

async function nest(adapter, asking, { controllers, failed, ...options }) {
  const root = class {};
  Module({ controllers })(root);
  const app = await NestFactory.create(root, adapter, { logger: false });
  if (failed) app.useGlobalFilters({ catch: (error, host) => app.getHttpAdapter().reply(host.switchToHttp().getResponse(), failed(error), error.status) });
  const fp = new forNest.Fingerpost(asking, options);
  fp.askRules(app);
  controllers.forEach((one) => (one.fp = fp));
  await app.listen(0, "127.0.0.1");
  after(() => app.close());
  return app.getHttpServer().address().port;
}

// What a decorated class compiles to.
function controller(prefix, pages) {
  const made = class {};
  pages.forEach(([path, page], i) => {
    made.prototype[`page${i}`] = (out, query, params) => page(made.fp, out, query, params);
    All(path)(made.prototype, `page${i}`, Object.getOwnPropertyDescriptor(made.prototype, `page${i}`));
    [Res(), Query(), Param()].forEach((parameter, place) => parameter(made.prototype, `page${i}`, place));
  });
  Controller(prefix)(made);
  return made;
}

const onExpress = ({ trustProxy = false }) => {
  const adapter = new ExpressAdapter();
  adapter.set("trust proxy", trustProxy);
  return adapter;
};
const onFastify = ({ trustProxy = false, logger = false }) => new FastifyAdapter({ trustProxy, ...(logger && { loggerInstance: logger }) });

const nestApp =
  (platform) =>
  (asking, { routes = {}, trustProxy, env, logger, ...options } = {}) => {
    const pages = Object.entries(routes);
    return nest(platform({ trustProxy, logger }), asking, { controllers: [controller("/mounted", pages), controller("/", pages)], ...options });
  };

export const APPS = {
  Koa: (asking, { routes = {}, logger, ...options } = {}) => koa(asking, { page: (path) => routes[path], mounted: true, ...options }),
  "Nest on Express": nestApp(onExpress),
  "Nest on Fastify": nestApp(onFastify),
};

const failed = ({ name, code }) => ({ name, code });

/** `pages` by path, as in ../frameworks.test.mjs. */
const nestShop =
  (platform) =>
  (asking, { trustProxy, ...options }, pages) =>
    nest(platform({ trustProxy }), asking, { controllers: [controller("/", Object.entries(pages))], failed, ...options });

export const SHOPS = {
  Koa: (asking, options, pages) =>
    koa(asking, {
      ...options,
      failed,
      page: (path) => {
        const [, id] = /^\/order\/(.*)$/.exec(path) ?? [];
        return id === undefined ? pages[path] : (fp, out, query) => pages["/order/:id"](fp, out, query, { id: decodeURIComponent(id) });
      },
    }),
  "Nest on Express": nestShop(onExpress),
  "Nest on Fastify": nestShop(onFastify),
};
