/**
 * Fastify 5: `return fp.redirect(reply, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.addHook("onRequest", fp.rules)` asks the policy for every GET and HEAD.
 */
import type { FastifyReply, FastifyRequest } from "fastify";

import type { Decision } from "./answers.js";
import type { Asking } from "./client.js";
import type { Purpose } from "./questions.js";
import { mayMatch, question, readFlash, responseFields, type AdapterOptions, type Modifiers, type Seen, type Wish } from "./web.js";

export class Fingerpost {
  readonly #fields: readonly string[];

  constructor(
    private readonly client: Asking,
    { fields = [] }: AdapterOptions = {},
  ) {
    this.#fields = fields;
  }

  /** Sends the response to an intent. Rejects with NotSent for an unsafe wish. */
  async redirect(reply: FastifyReply, purpose: Purpose, target = "", modifiers: Modifiers = {}): Promise<FastifyReply> {
    return send(reply, await this.#decide(reply.request, { purpose, target, modifiers }));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(reply: FastifyReply, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<FastifyReply> {
    return send(reply, await this.#decide(reply.request, { intentName, modifiers: { parameters } }));
  }

  /** The flash message, once: the response clears it. Empty when there is none. Escape it. */
  flash(reply: FastifyReply): string {
    const [text, clear] = readFlash(reply.request.headers.cookie);
    if (clear) reply.header("Set-Cookie", clear); // Fastify keeps those that are there.
    return text;
  }

  /** onRequest hook: asks the policy before the routes; an answer that is a response is sent, everything else goes on. */
  readonly rules = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (!mayMatch(seen(request))) return undefined;
    const decision = await this.#decide(request);
    return decision.mustSend ? send(reply, decision) : undefined;
  };

  async #decide(request: FastifyRequest, wish: Wish = {}): Promise<Decision> {
    return this.client.decide(question(seen(request), this.#fields, wish));
  }
}

// protocol and host obey the application's trustProxy.
function seen({ method, headers, raw, host, protocol, originalUrl }: FastifyRequest): Seen {
  return { method, headers, httpVersion: raw.httpVersion, url: host ? `${protocol}://${host}${originalUrl}` : "" };
}

function send(reply: FastifyReply, decision: Decision): FastifyReply {
  const fields = responseFields(decision);
  reply.code(decision.status);
  for (const [name, value] of fields) reply.header(name, value);
  return reply.send(decision.body);
}
