/**
 * Express 5: `await fp.redirect(res, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.use(fp.rules)` asks the policy for every GET and HEAD.
 */
import type { NextFunction, Request, Response } from "express";

import type { Decision } from "./answers.js";
import type { Purpose } from "./questions.js";
import { Adapter, readFlash, responseFields, type Modifiers, type Seen } from "./web.js";

export class Fingerpost extends Adapter {
  /** Sends the response to an intent. Rejects with NotSent for an unsafe wish. */
  async redirect(res: Response, purpose: Purpose, target = "", modifiers: Modifiers = {}): Promise<void> {
    send(res, await this.decide(seen(res.req), { purpose, target, modifiers }));
  }

  /** Sends the response to one of the policy's named intents. */
  async named(res: Response, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    send(res, await this.decide(seen(res.req), { intentName, modifiers: { parameters } }));
  }

  /** The flash message, once: the response clears it. Empty when there is none. Escape it. */
  flash(res: Response): string {
    const [text, clear] = readFlash(res.req.headers.cookie);
    if (clear) res.append("Set-Cookie", clear);
    return text;
  }

  /** Middleware: asks the policy before the routes; an answer that is a response is sent, everything else goes on. */
  readonly rules = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const decision = await this.ruled(seen(req));
    if (decision) send(res, decision);
    else next();
  };
}

// protocol and host obey the application's "trust proxy".
function seen(req: Request): Seen {
  const { method, httpVersion, headers, host } = req;
  return { method, httpVersion, headers, url: host ? `${req.protocol}://${host}${req.originalUrl}` : "" };
}

function send(res: Response, decision: Decision): void {
  const fields = responseFields(decision);
  res.statusCode = decision.status;
  // As it was decided: res.redirect() would encode Location again and write a body of its own.
  for (const [name, value] of fields) res.appendHeader(name, value);
  res.end(Buffer.from(decision.body));
}
