/**
 * Next: `return fp.redirect(request, "form_result", "/orders/7829/confirmation", { flash: "Order placed" })` in a route handler, where
 * `const fp = new Fingerpost(client)`.
 *
 * `export const proxy = fp.rules` in `proxy.ts`, or `export const middleware = fp.rules` in `middleware.ts`, asks the policy for every request.
 */
import { NextResponse } from "next/server.js";

import { readFlash } from "./flash.js";
import { WebAdapter } from "./web/adapter.js";

/** An unsafe redirect is a 400, and a 503 says that nobody answers. */
export class Fingerpost extends WebAdapter<Request> {
  /** Asks the policy before the routes. It sends an answer that is a response; all other requests go on. */
  readonly rules = async (request: Request): Promise<Response> => {
    const { response, fields } = await this.asked(request);
    return response
      ? absolute(response, this.seen(request).url)
      : NextResponse.next({ headers: fields.map(([name, value]): [string, string] => [name, value]) });
  };

  /** The flash message, and the Set-Cookie line that the page must have so that it is shown once. Two empty strings if there is none. Escape it. */
  flash(request: Request): readonly [text: string, clear: string] {
    return readFlash(request.headers.get("cookie") ?? undefined);
  }

  /** @internal */
  protected requestOf(request: Request): Request {
    return request;
  }

  /** @internal Next writes the name that it listens on into the URL; the visitor's is in Host. */
  protected override urlOf(request: Request): URL {
    const url = new URL(request.url);
    const host = request.headers.get("host");
    return host && URL.canParse(`${url.protocol}//${host}`) ? new URL(`${url.pathname}${url.search}`, `${url.protocol}//${host}`) : url;
  }
}

// Next reads the Location of its middleware as an absolute URL.
function absolute(response: Response, url: string): Response {
  const location = response.headers.get("location");
  if (location !== null && URL.canParse(location, url)) response.headers.set("location", new URL(location, url).href);
  return response;
}
