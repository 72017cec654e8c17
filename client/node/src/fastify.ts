/**
 * Fastify 5: `return fp.redirect(reply, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.addHook("onRequest", fp.rules)` asks the policy for every GET and HEAD.
 */
import type { FastifyReply, FastifyRequest } from "fastify";

import type { Decision } from "./answers.js";
import type { Purpose } from "./questions.js";
import { Adapter, readFlash, responseFields, type Modifiers, type Seen } from "./web.js";

export class Fingerpost extends Adapter {
  /** Sends the response to an intent. Rejects with NotSent for an unsafe wish. */
  async redirect(reply: FastifyReply, purpose: Purpose, target = "", modifiers: Modifiers = {}): Promise<FastifyReply> {
    return send(reply, await this.decide(seen(reply.request), { purpose, target, modifiers }));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(reply: FastifyReply, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<FastifyReply> {
    return send(reply, await this.decide(seen(reply.request), { intentName, modifiers: { parameters } }));
  }

  /** The flash message, once: the response clears it. Empty when there is none. Escape it. */
  flash(reply: FastifyReply): string {
    const [text, clear] = readFlash(reply.request.headers.cookie);
    if (clear) reply.header("Set-Cookie", clear); // Fastify keeps those that are there.
    return text;
  }

  /** onRequest hook: asks the policy before the routes; an answer that is a response is sent, everything else goes on. */
  readonly rules = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const decision = await this.ruled(seen(request));
    return decision && send(reply, decision);
  };
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
