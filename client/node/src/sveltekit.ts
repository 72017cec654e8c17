/**
 * SvelteKit: `export const handle = fp.handle` in `hooks.server.ts` asks the policy for every request, where `const fp = new Fingerpost(client)`.
 *
 * In an endpoint: `return fp.redirect(event, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })`. In a form action or `load`:
 * `await fp.leave(event, …)`, which never returns.
 */
import { error, redirect } from "@sveltejs/kit";

import type { Modifiers } from "./adapter.js";
import type { Decision, Fields } from "./answers.js";
import { readFlash } from "./flash.js";
import { NotSent } from "./notsent.js";
import type { Purpose } from "./questions.js";
import { WebAdapter } from "./web/adapter.js";
import { withFields } from "./web/response.js";

/** What is used of a RequestEvent. */
interface Event {
  readonly request: Request;
  readonly url: URL;
  readonly isDataRequest: boolean;
  readonly cookies: { set(name: string, value: string, options: CookieOptions): void };
  setHeaders(headers: Record<string, string>): void;
}

interface CookieOptions {
  path: string;
  maxAge?: number;
  secure: boolean;
  httpOnly: boolean;
  sameSite: boolean | "lax" | "strict" | "none";
  encode(value: string): string;
}

interface Handling<E extends Event> {
  readonly event: E;
  resolve(event: E): Response | Promise<Response>;
}

/** In endpoints an unsafe redirect is a 400, and a 503 says that nobody answers; in actions and `load` they are SvelteKit's own errors. */
export class Fingerpost extends WebAdapter<Event> {
  /** The hook: asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly handle = async <E extends Event>({ event, resolve }: Handling<E>): Promise<Response> => {
    const { response, fields } = await this.asked(event);
    if (!response) return withFields(await resolve(event), fields);
    const location = response.headers.get("location");
    // SvelteKit's own script asked for the data of a page; only SvelteKit can tell it where to go.
    if (event.isDataRequest && location !== null && isRedirect(response.status)) redirect(response.status, location);
    return response;
  };

  /** Ends a form action or `load` with the response to an intent. */
  async leave(event: Event, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<never> {
    return this.#left(event, this.answer(this.seen(event), { purpose, target, modifiers }));
  }

  /** Ends a form action or `load` with the response to one of the policy's named intents. */
  async leaveNamed(event: Event, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<never> {
    return this.#left(event, this.answer(this.seen(event), { intentName, modifiers: { parameters } }));
  }

  /** The flash message, once: the response clears it. Empty if there is none. Svelte escapes it. */
  flash(event: Event): string {
    const [text, clear] = readFlash(event.request.headers.get("cookie") ?? undefined);
    if (clear) setCookie(event, clear);
    return text;
  }

  /** @internal */
  protected requestOf({ request }: Event): Request {
    return request;
  }

  /** @internal SvelteKit takes its own part out of the URL of a data request. */
  protected override urlOf({ isDataRequest, request, url }: Event): URL {
    return isDataRequest ? url : new URL(request.url);
  }

  async #left(event: Event, answer: Promise<Decision>): Promise<never> {
    let decision: Decision;
    try {
      decision = await answer;
    } catch (thrown) {
      if (!(thrown instanceof NotSent)) throw thrown;
      event.setHeaders({ ...thrown.headers });
      return error(thrown.status, { message: thrown.message });
    }
    const location = decision.header("Location");
    write(event, decision.headers);
    if (location !== undefined && isRedirect(decision.status)) return redirect(decision.status, location);
    return error(decision.status, { message: decision.message });
  }
}

// Those that SvelteKit's redirect() takes.
const isRedirect = (status: number): boolean => status >= 300 && status <= 308;

// SvelteKit writes the length, the type and Location itself.
const OWN = new Set(["content-length", "content-type", "location", "x-content-type-options", "content-security-policy"]);

function write(event: Event, fields: Fields): void {
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (key === "set-cookie") setCookie(event, value);
    else if (!OWN.has(key)) event.setHeaders({ [key]: value });
  }
}

function setCookie(event: Event, line: string): void {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const known = new Map(attributes.map((part) => [part.split("=", 1)[0]!.toLowerCase(), part.slice(part.indexOf("=") + 1)]));
  const maxAge = known.get("max-age");
  event.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1), {
    path: known.get("path") ?? "/",
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
    secure: known.has("secure"),
    httpOnly: known.has("httponly"),
    sameSite: (known.get("samesite")?.toLowerCase() ?? false) as CookieOptions["sameSite"],
    encode: (value) => value,
  });
}
