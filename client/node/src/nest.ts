/**
 * Nest, on Express or Fastify: `await fp.redirect(res, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })` in a method with
 * `@Res() res`, where `const fp = new Fingerpost(client)`; as a provider: `{ provide: Fingerpost, useValue: fp }`.
 *
 * `fp.askRules(app)` before `app.listen()` asks the policy for every request.
 */
import type { NextFunction, Request, Response } from "express";
import type { FastifyReply, FastifyRequest } from "fastify";

import type { AdapterOptions, BackOptions, Modifiers } from "./adapter.js";
import type { Asking } from "./asking.js";
import * as forExpress from "./express.js";
import * as forFastify from "./fastify.js";
import { NotSent } from "./notsent.js";
import type { Purpose } from "./questions.js";

/** What `@Res()` gives. */
type Reply = Response | FastifyReply;

/** What is used of INestApplication. */
interface Application {
  use(...middleware: unknown[]): unknown;
  getHttpAdapter(): { getType(): string; getInstance(): unknown };
}

export class Fingerpost {
  readonly #express: forExpress.Fingerpost;
  readonly #fastify: forFastify.Fingerpost;

  constructor(client: Asking, options: AdapterOptions = {}) {
    this.#express = new forExpress.Fingerpost(client, options);
    this.#fastify = new forFastify.Fingerpost(client, options);
  }

  /** Asks the policy before the routes, on every request: an answer that is a response is sent; all other requests go on. */
  askRules(app: Application): void {
    const adapter = app.getHttpAdapter();
    const fastify = (request: FastifyRequest, reply: FastifyReply) => told(reply, this.#fastify.rules(request, reply));
    const express = (req: Request, res: Response, next: NextFunction) => told(res, this.#express.rules(req, res, next));
    if (adapter.getType() === "fastify") (adapter.getInstance() as { addHook(name: string, hook: typeof fastify): void }).addHook("onRequest", fastify);
    else app.use(express);
  }

  /** Sends the response to an intent. Rejects with NotSent for an unsafe redirect. */
  async redirect(res: Reply, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<void> {
    await told<unknown>(
      res,
      isFastify(res) ? this.#fastify.redirect(res, purpose, target, modifiers) : this.#express.redirect(res, purpose, target, modifiers),
    );
  }

  /** Sends the response to one of the policy's named intents. */
  async named(res: Reply, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    await told<unknown>(res, isFastify(res) ? this.#fastify.named(res, intentName, parameters) : this.#express.named(res, intentName, parameters));
  }

  /** After a login: sends the visitor back to `next` (`@Query("next")`, unchecked) if that is safe, otherwise to `or`. */
  async back(res: Reply, next: unknown, options: BackOptions = {}): Promise<void> {
    await told<unknown>(res, isFastify(res) ? this.#fastify.back(res, next, options) : this.#express.back(res, next, options));
  }

  /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
  flash(res: Reply): string {
    return isFastify(res) ? this.#fastify.flash(res) : this.#express.flash(res);
  }
}

const isFastify = (res: Reply): res is FastifyReply => "raw" in res && "request" in res;

// Nest's error handler takes the status and the text of an error, but not its fields.
async function told<T>(res: Reply, sent: PromiseLike<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof NotSent) for (const [name, value] of Object.entries(error.headers)) res.header(name, value);
    throw error;
  }
}
