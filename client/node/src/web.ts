// What the framework adapters share: from a request to a question, from an answer to fields, and flash messages.
import type { IncomingHttpHeaders } from "node:http";

import type { Decision, Fields } from "./answers.js";
import type { Asking } from "./client.js";
import { FingerpostError } from "./errors.js";
import type { IntentJson } from "./gen/fingerpost/v1/intent_pb.js";
import type { DecideQuestion, Loose, Purpose } from "./questions.js";

// What middleware and helpers send of a request: enough for every rule of the core, nothing that identifies or authenticates a user. Fields that a
// policy's rules look at are added by the caller, by name.
const SENT_FIELDS = ["accept", "access-control-request-method", "content-type", "origin", "sec-fetch-mode", "upgrade", "x-requested-with"];

/** Members of Intent beside purpose and target, and `flash` as a text. */
export type Modifiers = Omit<Loose<IntentJson>, "purpose" | "target" | "flash"> & {
  readonly flash?: string;
  /** Values of the target's `{placeholders}`. */
  readonly parameters?: Readonly<Record<string, string>>;
};

/** The answer is not a response: REFUSE, PASS or FORWARD. `decision` says why. */
export class NotSent extends FingerpostError {
  override readonly name: string = "NotSent";

  constructor(readonly decision: Decision) {
    super(decision.outcome, decision.message || decision.reason, decision.reason);
  }
}

/** What the adapters have in common; each adds its framework's way to read a request and to write a response. */
export class Adapter {
  readonly #client: Asking;
  readonly #fields: readonly string[];

  constructor(client: Asking, { fields = [] }: AdapterOptions = {}) {
    this.#client = client;
    this.#fields = fields;
  }

  /** @internal The answer to a wish. */
  protected decide(seen: Seen, wish: Wish = {}): Promise<Decision> {
    return this.#client.decide(question(seen, this.#fields, wish));
  }

  /** @internal What the policy's rules answer to a GET or HEAD whose URL is known, where that is a response; everything else gets its page. */
  protected async ruled(seen: Seen): Promise<Decision | undefined> {
    if ((seen.method !== "GET" && seen.method !== "HEAD") || seen.url === "") return undefined;
    try {
      const decision = await this.decide(seen);
      return decision.mustSend ? decision : undefined;
    } catch (error) {
      // Not one that the service finds wrong: that is the application's to answer. What is left is an outage, to fail closed.
      if (error instanceof FingerpostError && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    }
  }
}

export interface AdapterOptions {
  /** Request fields that the policy's rules look at. */
  readonly fields?: readonly string[];
}

/** What an adapter knows of a request. */
export interface Seen {
  readonly method: string;
  /** The effective URL, as the framework's own proxy settings say; empty when the request names no host (HTTP/1.0). */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a caller wants: an intent, a name of the policy, or neither: the policy's rules are asked. */
export interface Wish {
  readonly purpose?: Purpose;
  readonly target?: string;
  readonly intentName?: string;
  readonly modifiers?: Modifiers;
}

// The question. `extraFields` are sent beside SENT_FIELDS.
function question(seen: Seen, extraFields: readonly string[], { purpose, target, intentName, modifiers = {} }: Wish = {}): DecideQuestion {
  const { flash, parameters, ...rest } = modifiers;
  const version = seen.httpVersion;
  return {
    request: {
      method: seen.method,
      ...(seen.url && { url: seen.url }),
      protocol: version === "1.0" ? "http_1_0" : version.startsWith("2") ? "http_2" : "http_1_1",
      headers: sentFields(seen.headers, extraFields),
    },
    ...(purpose && { intent: { ...rest, purpose, ...(target && { target }), ...(flash && { flash: { text: flash } }) } }),
    ...(intentName && { intentName }),
    ...(parameters && { parameters }),
  };
}

function sentFields(headers: IncomingHttpHeaders, extraFields: readonly string[]) {
  const wanted = new Set([...SENT_FIELDS, ...extraFields.map((name) => name.toLowerCase())]);
  return [...wanted].flatMap((name) => [headers[name] ?? []].flat().map((octets) => ({ name, ...valueOf(octets) })));
}

// Node.js reads one character for each octet.
function valueOf(octets: string): { value: string } | { rawValue: string } {
  const raw = Buffer.from(octets, "latin1");
  const text = raw.toString("utf8");
  return Buffer.from(text, "utf8").equals(raw) ? { value: text } : { rawValue: raw.toString("base64") };
}

/** The fields to write. Throws NotSent when the answer is not a response. */
export function responseFields(decision: Decision): Fields {
  if (!decision.mustSend) throw new NotSent(decision);
  return decision.headers;
}

/**
 * The flash message of a request and the Set-Cookie line that clears it; two empty strings when there is none. The message is display text that
 * anybody could have written: escape it.
 */
export function readFlash(cookieField: string | undefined, name = "flash"): readonly [text: string, clear: string] {
  for (const cookie of [`__Host-${name}`, name]) {
    const pair = (cookieField ?? "").split(";").find((part) => part.trim().startsWith(`${cookie}=`));
    if (pair === undefined) continue;
    const secure = cookie === name ? "" : "Secure; ";
    return [decoded(pair.slice(pair.indexOf("=") + 1).trim()), `${cookie}=; Path=/; Max-Age=0; ${secure}HttpOnly; SameSite=Lax`];
  }
  return ["", ""];
}

// Somebody else may have written the cookie: what is no UTF-8 becomes U+FFFD, and a lone "%" stays.
function decoded(text: string): string {
  const octets = Buffer.from(text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), "latin1");
  return octets.toString("utf8");
}
