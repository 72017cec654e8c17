/**
 * Hono: `return fp.redirect(c, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`, where `const fp = new Fingerpost(client)`.
 *
 * `app.use(fp.rules)` asks the policy for every request.
 */
import type { Decision } from "./answers.js";
import { readFlash } from "./flash.js";
import { WebAdapter } from "./web/adapter.js";
import { addFields, responseOf, withFields } from "./web/response.js";

/** What is used of Hono's Context. */
interface Context {
  readonly req: { readonly raw: Request };
  get res(): Response;
  set res(response: Response | undefined);
  header(name: string, value: string, options: { append: boolean }): void;
}

/** An unsafe redirect rejects with NotSent, of which Hono's error handler makes a response. */
export class Fingerpost extends WebAdapter<Context> {
  /** Middleware: asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly rules = async (c: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const { response, fields } = await this.asked(c);
    if (response) return response;
    await next();
    if (fields.length > 0) replace(c, withFields(c.res, fields));
    return undefined;
  };

  /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
  flash(c: Context): string {
    const [text, clear] = readFlash(c.req.raw.headers.get("cookie") ?? undefined);
    if (clear) c.header("Set-Cookie", clear, { append: true });
    return text;
  }

  /** @internal */
  protected requestOf(c: Context): Request {
    return c.req.raw;
  }

  /** @internal With what middleware has set: its cookies and Vary stay, and of all else the answer's own wins. */
  protected override async sent(c: Context, answer: Promise<Decision>): Promise<Response> {
    const decision = await answer;
    const response = responseOf(decision);
    const merged = new Headers(c.res.headers);
    merged.delete("content-type");
    for (const [name, value] of response.headers) if (!["vary", "set-cookie"].includes(name)) merged.set(name, value);
    addFields(
      merged,
      decision.headers.filter(([name]) => ["vary", "set-cookie"].includes(name.toLowerCase())),
    );
    return replace(c, new Response(response.body, { status: response.status, headers: merged }));
  }
}

// Hono merges a second response with the first, whose fields and cookies win.
function replace(c: Context, response: Response): Response {
  c.res = undefined;
  c.res = response;
  return response;
}
