// What the adapters for the web platform's Request and Response share.
import { Adapter, type AdapterOptions, type BackOptions, type Modifiers, type Wish } from "../adapter.js";
import type { Decision, Fields } from "../answers.js";
import type { Asking } from "../asking.js";
import { NotSent } from "../notsent.js";
import type { Purpose } from "../questions.js";
import { targetUri, type Seen } from "../seen.js";
import { responseOf } from "./response.js";

export interface WebOptions extends AdapterOptions {
  /**
   * The origin that visitors see, where the runtime cannot know it: behind a proxy that ends TLS. A function reads it from the proxy's own fields.
   * Default: the request's own.
   */
  readonly origin?: string | ((request: Request) => string);
}

/** What the policy's rules say about a request: a response to send, or the fields for its page. */
export interface Ruled {
  /** Absent: the page is served. */
  readonly response?: Response;
  /** For the page: Vary, Cache-Control and Set-Cookie. */
  readonly fields: Fields;
}

/** `From` has the Request: it is one, or a framework's context. */
export abstract class WebAdapter<From> extends Adapter {
  readonly #origin: string | ((request: Request) => string);

  constructor(client: Asking, { origin = "", ...options }: WebOptions = {}) {
    super(client, options);
    if (typeof origin === "string" && origin !== "" && !targetUri(...schemeAndHost(origin), "/")) {
      throw new TypeError(`origin: expected a scheme and a host, "https://shop.example.com", got ${JSON.stringify(origin)}`);
    }
    this.#origin = origin;
  }

  /** The response to an intent. */
  async redirect(from: From, purpose: Purpose, target: string | URL = "", modifiers: Modifiers = {}): Promise<Response> {
    return this.sent(from, this.answer(this.seen(from), { purpose, target, modifiers }));
  }

  /** The response to one of the policy's named intents. */
  async named(from: From, intentName: string, parameters: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.sent(from, this.answer(this.seen(from), { intentName, modifiers: { parameters } }));
  }

  /** After a login: sends the visitor back to `next` (from the query, unchecked) if that is safe, otherwise to `or`. */
  async back(from: From, next: unknown, options: BackOptions = {}): Promise<Response> {
    return this.sent(from, this.wayBack(this.seen(from), next, options));
  }

  /** What an intent, an intent's name or, with neither, the policy's rules make of the request. Rejects with FingerpostError. */
  async decide(from: From, wish: Wish = {}): Promise<Decision> {
    return this.decided(this.seen(from), wish);
  }

  /** @internal */
  protected abstract requestOf(from: From): Request;

  /** @internal A framework's way to send a response. Here, an unsafe redirect is a 400, and a 503 says that nobody answers. */
  protected async sent(_from: From, answer: Promise<Decision>): Promise<Response> {
    try {
      return responseOf(await answer);
    } catch (error) {
      if (error instanceof NotSent) return error.getResponse();
      throw error;
    }
  }

  /** @internal */
  protected async asked(from: From): Promise<Ruled> {
    let decision: Decision | undefined;
    try {
      decision = await this.ruled(this.seen(from));
    } catch (error) {
      return { response: await this.sent(from, Promise.reject(error)), fields: [] };
    }
    if (decision?.mustSend) return { response: await this.sent(from, Promise.resolve(decision)), fields: [] };
    return { fields: decision?.headers ?? [] };
  }

  /** @internal */
  protected seen(from: From): Seen {
    const request = this.requestOf(from);
    const own = this.urlOf(from);
    const origin = typeof this.#origin === "function" ? this.#origin(request) : this.#origin || own.origin;
    const url = targetUri(...schemeAndHost(origin), `${own.pathname}${own.search}`);
    return { method: request.method, url, httpVersion: "1.1", headers: Object.fromEntries(request.headers) };
  }

  /** @internal A framework may know better. */
  protected urlOf(from: From): URL {
    return new URL(this.requestOf(from).url);
  }
}

const schemeAndHost = (origin: string): [scheme: string, host: string] => {
  const [, scheme = "", host = ""] = /^([a-z]+):\/\/(.*)$/i.exec(origin) ?? [];
  return [scheme.toLowerCase(), host];
};
