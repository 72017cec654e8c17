/**
 * Fastify 5: `return fp.redirect(reply, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.addHook("onRequest", fp.rules)` asks the policy for every request. It logs to the request's own log.
 */
import type { FastifyReply, FastifyRequest } from "fastify";

import type { Decision } from "./answers.js";
import { readFlash } from "./flash.js";
import { addToPage } from "./head.js";
import { mergedVary } from "./page.js";
import type { Purpose } from "./questions.js";
import { targetUri, type Seen } from "./seen.js";
import { Adapter, type BackOptions, type Modifiers } from "./adapter.js";

export class Fingerpost extends Adapter {
  /** Sends the response to an intent. Rejects with NotSent for an unsafe redirect. */
  async redirect(reply: FastifyReply, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<FastifyReply> {
    return send(reply, await this.answer(seen(reply.request), { purpose, target, modifiers }, reply.log));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(reply: FastifyReply, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<FastifyReply> {
    return send(reply, await this.answer(seen(reply.request), { intentName, modifiers: { parameters } }, reply.log));
  }

  /** After a login: sends the visitor back to `next` (`request.query.next`, unchecked) if that is safe, otherwise to `or`. */
  async back(reply: FastifyReply, next: unknown, options: BackOptions = {}): Promise<FastifyReply> {
    return send(reply, await this.wayBack(seen(reply.request), next, options, reply.log));
  }

  /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
  flash(reply: FastifyReply): string {
    const [text, clear] = readFlash(reply.request.headers.cookie);
    if (clear) reply.header("Set-Cookie", clear); // Fastify keeps the existing ones.
    return text;
  }

  /** onRequest hook: asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly rules = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const decision = await this.ruled(seen(request), reply.log);
    if (decision?.mustSend) return send(reply, decision);
    if (decision) addToPage(reply.raw, decision.headers);
    return undefined;
  };
}

// protocol and host obey the application's trustProxy; originalUrl is the request target as it was sent, before rewriteUrl.
function seen({ method, headers, raw, host, protocol, originalUrl }: FastifyRequest): Seen {
  return { method, headers, httpVersion: raw.httpVersion, url: targetUri(protocol, host, originalUrl) };
}

function send(reply: FastifyReply, decision: Decision): FastifyReply {
  reply.code(decision.status);
  for (const [name, value] of decision.headers) {
    // Fastify would replace a field; a plugin's own Vary must stay.
    const before = name.toLowerCase() === "vary" ? [reply.getHeader(name) ?? []].flat().map(String) : [];
    reply.header(name, before.length > 0 ? mergedVary([...before, value]) : value);
  }
  // Fastify would add a charset to the type of text.
  return reply.send(decision.body === "" ? undefined : Buffer.from(decision.body));
}
