/**
 * Safe following for fetch: `const fetch = followingFetch(client)`, then use it as Node.js's own.
 *
 * Each redirect is decided by the service under STRICT. Secrets stay in the process: the values of Authorization, Proxy-Authorization, Cookie and the
 * declared secret fields are not sent to the service. As Node.js's fetch, it keeps no cookies.
 */
import type { Hop } from "./answers.js";
import type { Asking } from "./client.js";
import { Body, type HttpRequest } from "./gen/fingerpost/v1/http_pb.js";
import type { Chain } from "./gen/fingerpost/v1/follow_pb.js";
import { dropsBody, isRedirect, nextFields, question, type Lines, type Options } from "./hops.js";

export type { Options } from "./hops.js";

/** A redirect that must not be followed. `hop` says why; `response` is the redirect. */
export class Stopped extends Error {
  override readonly name = "Stopped";

  constructor(
    readonly hop: Hop,
    readonly response: Response,
  ) {
    super(`${hop.stop}: ${hop.message}`);
  }
}

// What is sent now: the content is bytes, or a stream that can be sent once.
interface Sending {
  readonly method: string;
  readonly url: string;
  readonly fields: Lines;
  readonly content: Uint8Array | ReadableStream | null;
}

/** fetch whose redirects are decided by Fingerpost. Rejects with Stopped for one that must not be followed. */
export function followingFetch(client: Asking, options: Options = {}): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init);
    if (request.redirect !== "follow") return fetch(request); // It has the content of `input` now.
    let sending: Sending = { method: request.method, url: request.url, fields: [...request.headers], content: await contentOf(request, init) };
    let chain: Chain | undefined;
    for (;;) {
      const { response, lines } = await send(sending, init, request.signal);
      if (!isRedirect(response.status)) return chain ? redirected(response) : response;
      const asked = question({ ...sending, body: bodyKind(sending), status: response.status, response: lines }, chain, options);
      const hop = await client.follow(asked);
      if (!hop.next) {
        if (hop.failed) throw new Stopped(hop, response);
        return chain ? redirected(response) : response;
      }
      await response.body?.cancel();
      chain = hop.chain;
      sending = following(sending, hop, hop.next);
    }
  };
}

function following(sent: Sending, hop: Hop, next: HttpRequest): Sending {
  return { method: next.method, url: next.url, fields: nextFields(sent.fields, hop), content: dropsBody(hop) ? null : sent.content };
}

async function contentOf(request: Request, init: RequestInit): Promise<Sending["content"]> {
  if (request.body === null) return null;
  const stream = init.body === undefined || init.body instanceof ReadableStream || isAsyncIterable(init.body);
  return stream ? request.body : new Uint8Array(await request.arrayBuffer());
}

// A Blob is iterable in other ways, a URLSearchParams in the plain one.
const isAsyncIterable = (value: unknown) => typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function bodyKind({ content }: Sending): Body {
  return content === null ? Body.NONE : content instanceof Uint8Array ? Body.REPLAYABLE : Body.ONE_SHOT;
}

async function send(sending: Sending, init: RequestInit, signal: AbortSignal): Promise<{ response: Response; lines: Lines }> {
  const seen: { lines?: Lines } = {};
  const response = await fetch(sending.url, {
    ...init,
    method: sending.method,
    headers: sending.fields.map(([name, octets]): [string, string] => [name, octets]),
    body: sending.content,
    redirect: "manual",
    signal,
    ...(sending.content instanceof ReadableStream && { duplex: "half" }),
    ...watching(init, seen),
  } as RequestInit);
  return { response, lines: seen.lines ?? [...response.headers] };
}

// Headers joins repeated fields, and two Locations must not become one: the lines are read where undici, which is fetch in Node.js, has them still apart.
type Handler = Record<string, unknown>;
interface Dispatcher {
  dispatch(options: unknown, handler: Handler): boolean;
}

function watching(init: RequestInit, seen: { lines?: Lines }): { dispatcher?: Dispatcher } {
  const base = (init as { dispatcher?: Dispatcher }).dispatcher ?? (globalThis as Record<symbol, unknown>)[Symbol.for("undici.globalDispatcher.1")];
  if (!base) return {};
  return { dispatcher: { dispatch: (options, handler) => (base as Dispatcher).dispatch(options, watched(handler, seen)) } };
}

function watched(handler: Handler, seen: { lines?: Lines }): Handler {
  return new Proxy(handler, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...words: unknown[]) => {
        if (key === "onHeaders") seen.lines = pairs(words[1] as Buffer[]);
        if (key === "onResponseStart") seen.lines = entries(words[2] as Record<string, string | string[]>);
        return value.apply(target, words) as unknown;
      };
    },
  });
}

const pairs = (raw: Buffer[]): Lines =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toString("latin1"), raw[i + 1]?.toString("latin1") ?? ""] as const] : []));

const entries = (fields: Record<string, string | string[]>): Lines =>
  Object.entries(fields).flatMap(([name, value]) => [value].flat().map((octets) => [name, octets] as const));

function redirected(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true });
}
