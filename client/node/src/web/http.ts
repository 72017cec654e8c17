// The service by HTTP: its policy, its answers, and what was answered here. Only what every JavaScript has: fetch.
import { create, fromJson, toBinary, toJson, type DescMessage, type JsonValue, type MessageShape } from "@bufbuild/protobuf";

import { errorOf, FingerpostError } from "../errors.js";
import { ErrorSchema } from "../gen/fingerpost/v1/answer_pb.js";
import { ReportUsageRequestSchema } from "../gen/fingerpost/v1/policy_service_pb.js";
import { VERSION } from "../gen/version.js";

const PROTOBUF = "application/protobuf";
// Beyond the service's own 10 MiB of policy.
const LARGEST_POLICY = 16 << 20;
const AGENT = `web/${VERSION}`;

/** The part of the policy that a caller needs; the rest stays in the service, which is asked for it. */
export interface Selector {
  /** Rules for requests to these hosts only: `["shop.example.com", "*.example.org"]`. */
  readonly hosts?: readonly string[];
  /** These named intents only. */
  readonly intents?: readonly string[];
}

/** A policy's octets, and their ETag. */
export interface Fetched {
  readonly octets: Uint8Array;
  readonly tag: string;
}

export class Http {
  readonly #base: string;
  readonly #policy: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor(address: string | URL, { hosts = [], intents = [] }: Selector, fetch: typeof globalThis.fetch | undefined) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError(`address: expected an http or https URL, got ${JSON.stringify(String(address))}`);
    this.#base = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
    const part = new URLSearchParams([...hosts.map((one) => ["host", one]), ...intents.map((one) => ["intent", one])]);
    this.#policy = `${this.#base}/v1/policy${part.size > 0 ? `?${part}` : ""}`;
    // Called without `this`, as browsers want it; looked up late, so that what wraps it later counts.
    this.#fetch = fetch ? (input, init) => fetch(input, init) : (input, init) => globalThis.fetch(input, init);
  }

  /** The policy, unless it is the one with that tag. Rejects with FingerpostError. */
  async policy(known: string, timeoutMs: number): Promise<Fetched | undefined> {
    const headers = { accept: PROTOBUF, ...(known && { "if-none-match": known }) };
    const response = await this.#sent(this.#policy, { headers }, timeoutMs);
    if (response.status === 304 && known) return undefined;
    if (response.status !== 200) throw await this.#refusal(response);
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith(PROTOBUF)) throw unavailable(`expected ${PROTOBUF} at ${this.#policy}, got ${type || "no Content-Type"}`);
    const octets = new Uint8Array(await read(() => response.arrayBuffer()));
    if (octets.length > LARGEST_POLICY) throw unavailable(`the policy has ${octets.length} octets, and the most are ${LARGEST_POLICY}`);
    return { octets, tag: response.headers.get("etag") ?? "" };
  }

  /** The service's answer. Rejects with FingerpostError. */
  async ask<I extends DescMessage, O extends DescMessage>(
    path: "decide" | "follow",
    input: I,
    output: O,
    question: MessageShape<I>,
    timeoutMs: number,
  ): Promise<MessageShape<O>> {
    const body = JSON.stringify(toJson(input, question));
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const response = await this.#sent(`${this.#base}/v1/${path}`, init, timeoutMs);
    if (response.status !== 200) throw await this.#refusal(response);
    const json = await read(() => response.json() as Promise<JsonValue>);
    try {
      return fromJson(output, json, { ignoreUnknownFields: true });
    } catch (error) {
      throw new FingerpostError("MALFORMED", `the service's answer was not used: ${(error as Error).message}`);
    }
  }

  /** Adds a v1.ReportUsageRequest to the service's counters. Rejects with FingerpostError. */
  async report(usage: Uint8Array, timeoutMs: number): Promise<void> {
    // Octets of a message that follow those of another add to it.
    const agent = toBinary(ReportUsageRequestSchema, create(ReportUsageRequestSchema, { agent: AGENT }));
    const body = new Uint8Array(usage.length + agent.length);
    body.set(usage);
    body.set(agent, usage.length);
    const response = await this.#sent(`${this.#base}/v1/usage`, { method: "POST", headers: { "content-type": PROTOBUF }, body }, timeoutMs);
    if (!response.ok) throw await this.#refusal(response);
    await response.body?.cancel();
  }

  /** Whether somebody answers there. */
  async isReachable(timeoutMs: number): Promise<boolean> {
    try {
      return (await this.#sent(this.#policy, { method: "HEAD" }, timeoutMs)).ok;
    } catch {
      return false;
    }
  }

  async #sent(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    return read(() => this.#fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) }));
  }

  // {"error": …} is the service's; everything else comes from somebody between.
  async #refusal(response: Response): Promise<FingerpostError> {
    const about = `${response.status} from ${this.#base}`;
    try {
      const { error } = (await response.json()) as { error: JsonValue };
      return errorOf(fromJson(ErrorSchema, error, { ignoreUnknownFields: true }));
    } catch {
      return unavailable(about);
    }
  }
}

const unavailable = (detail: string): FingerpostError => new FingerpostError("UNAVAILABLE", detail);

// What fetch rejects with says little; its cause says more.
async function read<T>(got: () => Promise<T>): Promise<T> {
  try {
    return await got();
  } catch (thrown) {
    const { name, message, cause } = thrown as Error;
    if (name === "TimeoutError") throw new FingerpostError("DEADLINE_EXCEEDED", "no answer in time");
    throw unavailable(cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
}
