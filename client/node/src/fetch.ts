/**
 * Safe following for fetch: `const fetch = followingFetch(client)`, then use it as Node.js's own.
 *
 * The engine in this process decides each redirect, under STRICT: no service is needed. If a client asks its service, secrets stay in the process: the
 * values of Authorization, Proxy-Authorization, Cookie and the declared secret fields are not sent. Like Node.js's fetch, it keeps no cookies.
 */
import type { Hop } from "./answers.js";
import type { Asking } from "./asking.js";
import { Body, type HttpRequest } from "./gen/fingerpost/v1/http_pb.js";
import { FollowRequestSchema, type Chain } from "./gen/fingerpost/v1/follow_pb.js";
import { dropsBody, firstQuestion, isRedirect, nextFields, question, type Lines, type Options } from "./hops.js";
import type { Inside } from "./inside.js";
import { packagedEngine } from "./module.js";
import { hop } from "./outage.js";
import { message, type FollowQuestion } from "./questions.js";

export type { Options } from "./hops.js";

/**
 * A redirect that must not be followed, or a first URL that must not be requested: a TypeError like fetch's own. `hop` says why; `response` is the redirect,
 * its content discarded, or `Response.error()` for a first URL.
 */
export class Stopped extends TypeError {
  override readonly name = "Stopped";

  constructor(
    readonly hop: Hop,
    readonly response: Response = Response.error(),
  ) {
    super(`${hop.stop}: ${hop.message}`);
  }
}

// The current request: its content is bytes, or a stream that can be sent once.
interface Sending {
  readonly method: string;
  readonly url: string;
  readonly fields: Lines;
  readonly content: Uint8Array | ReadableStream | null;
}

/** What stays the same for every hop. */
type Kept = Readonly<Record<string, unknown>> & { readonly dispatcher: Dispatcher | undefined };

/**
 * fetch with redirects that Fingerpost decides. Rejects with Stopped for one that must not be followed. `client`: who decides, and counts. Default: the
 * engine, without any service.
 */
export function followingFetch(client: Pick<Asking, "follow"> = here(), options: Options = {}): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init);
    const first = firstQuestion(request.method, request.url, options);
    if (first) {
      const hop = await client.follow(first);
      if (!hop.next) throw new Stopped(hop);
    }
    if (request.redirect !== "follow") return fetch(request); // It took over the content of `input`.
    if (request.mode === "no-cors") throw new TypeError('mode "no-cors" shows no redirect, so none of its redirects can be decided');
    const kept = keptOf(request, init);
    let sending: Sending = { method: request.method, url: request.url, fields: [...request.headers], content: await contentOf(request) };
    let chain: Chain | undefined;
    for (;;) {
      const { response, lines } = await send(sending, kept);
      const final = () => verified(chain ? redirected(response) : response, request.integrity);
      if (!isRedirect(response.status)) return final();
      const asked = question({ ...sending, body: bodyKind(sending), status: response.status, response: lines }, chain, options);
      const hop = await client.follow(asked);
      if (!hop.next && !hop.failed) return final();
      await discard(response);
      if (!hop.next) throw new Stopped(hop, response);
      request.signal.throwIfAborted();
      chain = hop.chain;
      sending = following(sending, hop, hop.next, options);
    }
  };
}

let engine: Inside | undefined;

// Throws EngineError if the engine cannot be used.
function here(): Pick<Asking, "follow"> {
  const inside = (engine ??= packagedEngine());
  return {
    async follow(question: FollowQuestion): Promise<Hop> {
      const request = message(FollowRequestSchema, question);
      return hop(request, inside.follow(request), "ENGINE");
    },
  };
}

function following(sent: Sending, hop: Hop, next: HttpRequest, options: Options): Sending {
  return { method: next.method, url: next.url, fields: nextFields(sent.url, sent.fields, hop, options), content: dropsBody(hop) ? null : sent.content };
}

// All of fetch's options except those that a hop changes; `integrity` is for the last response's content (Fetch, "main fetch").
function keptOf(request: Request, init: RequestInit): Kept {
  const { cache, credentials, keepalive, mode, referrer, referrerPolicy, signal } = request;
  const { priority } = init as { priority?: string };
  return { cache, credentials, keepalive, mode, referrer, referrerPolicy, signal, ...(priority && { priority }), dispatcher: dispatcherOf(request, init) };
}

// Content can be sent again if its source is not null (Fetch). A Request shows that only here: without a source it refuses no-cors (Fetch,
// "new Request", step 39).
async function contentOf(request: Request): Promise<Sending["content"]> {
  if (request.body === null) return null;
  try {
    new Request(request.clone(), { mode: "no-cors", method: "POST" });
  } catch {
    return request.body;
  }
  return new Uint8Array(await request.arrayBuffer());
}

function bodyKind({ content }: Sending): Body {
  return content === null ? Body.NONE : content instanceof Uint8Array ? Body.REPLAYABLE : Body.ONE_SHOT;
}

async function send(sending: Sending, { dispatcher, ...kept }: Kept): Promise<{ response: Response; lines: Lines }> {
  const seen: { lines?: Lines } = {};
  const response = await fetch(sending.url, {
    ...kept,
    method: sending.method,
    headers: sending.fields.map(([name, octets]): [string, string] => [name, octets]),
    body: sending.content,
    redirect: "manual",
    ...(sending.content instanceof ReadableStream && { duplex: "half" }),
    ...(dispatcher && { dispatcher: { dispatch: (words: unknown, handler: Handler) => dispatcher.dispatch(words, watched(handler, seen)) } }),
  } as unknown as RequestInit);
  return { response, lines: seen.lines ?? [...response.headers] };
}

/** Drops a redirect's content unread, and its connection, as fetch does. Damaged content rejects there, which does not matter. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** `response`, if its content matches `integrity`; fetch itself compares them. */
async function verified(response: Response, integrity: string): Promise<Response> {
  if (!integrity) return response;
  const copy = URL.createObjectURL(await response.clone().blob());
  try {
    await fetch(copy, { integrity });
    return response;
  } catch (error) {
    await discard(response);
    throw error;
  } finally {
    URL.revokeObjectURL(copy);
  }
}

// Headers joins repeated fields, and two Locations must not become one. undici, which is Node.js's fetch, still has them apart here.
type Handler = Record<string, unknown>;
interface Dispatcher {
  dispatch(options: unknown, handler: Handler): boolean;
}

// A Request keeps its dispatcher under a symbol; newer releases hide it completely.
function dispatcherOf(request: Request, init: RequestInit): Dispatcher | undefined {
  const own = Object.getOwnPropertySymbols(request).find((symbol) => symbol.description === "dispatcher");
  const given = (init as { dispatcher?: Dispatcher }).dispatcher ?? (own && (request as unknown as Record<symbol, Dispatcher | undefined>)[own]);
  return given ?? ((globalThis as Record<symbol, unknown>)[Symbol.for("undici.globalDispatcher.1")] as Dispatcher | undefined);
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
