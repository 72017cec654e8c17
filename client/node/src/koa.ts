/**
 * Koa 3: `await fp.redirect(ctx, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.use(fp.rules)` asks the policy for every request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import { Adapter, type BackOptions, type Modifiers } from "./adapter.js";
import type { Decision } from "./answers.js";
import { readFlash } from "./flash.js";
import { addToPage } from "./head.js";
import { mergedVary } from "./page.js";
import type { Purpose } from "./questions.js";
import { targetUri, type Seen } from "./seen.js";

/** What is used of Koa's context. */
interface Context {
  readonly app: { readonly proxy: boolean };
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly protocol: string;
  readonly host: string;
  readonly originalUrl: string;
  status: number;
  body: unknown;
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  remove(name: string): void;
}

export class Fingerpost extends Adapter {
  /** Sends the response to an intent. Rejects with NotSent for an unsafe redirect. */
  async redirect(ctx: Context, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<void> {
    send(ctx, await this.answer(seen(ctx), { purpose, target, modifiers }));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(ctx: Context, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    send(ctx, await this.answer(seen(ctx), { intentName, modifiers: { parameters } }));
  }

  /** After a login: sends the visitor back to `next` (`ctx.query.next`, unchecked) if that is safe, otherwise to `or`. */
  async back(ctx: Context, next: unknown, options: BackOptions = {}): Promise<void> {
    send(ctx, await this.wayBack(seen(ctx), next, options));
  }

  /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
  flash(ctx: Context): string {
    const [text, clear] = readFlash(ctx.req.headers.cookie);
    if (clear) ctx.append("Set-Cookie", clear);
    return text;
  }

  /** Middleware: asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly rules = async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    const decision = await this.ruled(seen(ctx));
    if (decision?.mustSend) return send(ctx, decision);
    if (decision) addToPage(ctx.res, decision.headers);
    await next();
  };
}

// protocol and host obey the application's `proxy`; originalUrl is the request target as sent.
function seen({ app, req, protocol, host, originalUrl }: Context): Seen {
  const { headers, httpVersion, method = "" } = req;
  // Koa makes "b" of "a@b", which names no host (RFC 9110 §7.2).
  const isOdd = [headers[":authority"], headers.host, app.proxy && headers["x-forwarded-host"]].some((said) => said && said.includes("@"));
  return { method, httpVersion, headers, url: targetUri(protocol, isOdd ? undefined : host, originalUrl) };
}

function send(ctx: Context, decision: Decision): void {
  ctx.status = decision.status;
  ctx.body = decision.body;
  // Koa's guesses from the body; the answer has its own.
  for (const name of ["Content-Type", "Content-Length"]) ctx.remove(name);
  for (const [name, value] of decision.headers) {
    if (name.toLowerCase() === "vary") ctx.set(name, mergedVary([...[ctx.res.getHeader(name) ?? []].flat().map(String), value]));
    else ctx.append(name, value);
  }
}
