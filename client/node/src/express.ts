/**
 * Express 5: `await fp.redirect(res, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.use(fp.rules)` asks the policy for every request.
 */
import type { NextFunction, Request, Response } from "express";

import type { Decision } from "./answers.js";
import { readFlash } from "./flash.js";
import { addToPage } from "./head.js";
import type { Purpose } from "./questions.js";
import { targetUri, type Seen } from "./seen.js";
import { Adapter, type BackOptions, type Modifiers } from "./adapter.js";

export class Fingerpost extends Adapter {
  /** Sends the response to an intent. Rejects with NotSent for an unsafe redirect. */
  async redirect(res: Response, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<void> {
    send(res, await this.answer(seen(res.req), { purpose, target, modifiers }));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(res: Response, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    send(res, await this.answer(seen(res.req), { intentName, modifiers: { parameters } }));
  }

  /** After a login: sends the visitor back to `next` (`req.query.next`, unchecked) if that is safe, otherwise to `or`. */
  async back(res: Response, next: unknown, options: BackOptions = {}): Promise<void> {
    send(res, await this.wayBack(seen(res.req), next, options));
  }

  /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
  flash(res: Response): string {
    const [text, clear] = readFlash(res.req.headers.cookie);
    if (clear) res.append("Set-Cookie", clear);
    return text;
  }

  /** Middleware: asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly rules = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const decision = await this.ruled(seen(req));
    if (decision?.mustSend) return send(res, decision);
    if (decision) addToPage(res, decision.headers);
    next();
  };
}

// protocol and host obey the application's "trust proxy"; originalUrl is the request target as sent, even in a mounted router.
function seen(req: Request): Seen {
  const { method, httpVersion, headers } = req;
  return { method, httpVersion, headers, url: targetUri(req.protocol, req.host, req.originalUrl) };
}

function send(res: Response, decision: Decision): void {
  res.statusCode = decision.status;
  // Not res.redirect(), which would encode Location again and write its own body.
  for (const [name, value] of decision.headers) res.appendHeader(name, value);
  res.end(Buffer.from(decision.body));
}
