// From a Request to its Response, or to a decision: for everything that speaks the web platform's own.
import { readFlash } from "../flash.js";
import { WebAdapter, type Ruled } from "./adapter.js";
import { withFields } from "./response.js";

/** An unsafe redirect is a 400, and a 503 says that nobody answers. */
export class Fingerpost extends WebAdapter<Request> {
  /** Asks the policy's rules. */
  async rules(request: Request): Promise<Ruled> {
    return this.asked(request);
  }

  /** The rules' response, or the page with their fields. */
  async handle(request: Request, page: (request: Request) => Response | Promise<Response>): Promise<Response> {
    const { response, fields } = await this.asked(request);
    return response ?? withFields(await page(request), fields);
  }

  /** The flash message, and the Set-Cookie line that the page must have so that it is shown once. Two empty strings if there is none. Escape it. */
  flash(request: Request): readonly [text: string, clear: string] {
    return readFlash(request.headers.get("cookie") ?? undefined);
  }

  /** @internal */
  protected requestOf(request: Request): Request {
    return request;
  }
}
