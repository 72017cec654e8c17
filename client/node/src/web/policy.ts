// The policy in this process: fetched in the background, again and again, and what it answered reported. A request waits for it once, at the most.
import { create } from "@bufbuild/protobuf";

import { EngineError } from "../engine.js";
import { PolicySelectorSchema } from "../gen/fingerpost/v1/policy_pb.js";
import { Held, type PolicyStatus } from "../held.js";
import { Inside } from "../inside.js";
import { oneLine, type Logger } from "../log.js";
import type { Fetched, Selector } from "./http.js";

/** Milliseconds between two looks at the policy, give or take a tenth. */
export const REFRESH_MS = 5_000;
/** Milliseconds between two reports of what was answered, give or take a tenth. */
export const REPORT_MS = 10_000;
const LEAST_REFRESH_MS = 100;
const SOON_MS = 1_000;
const JITTER = 0.1;
// A policy may have megabytes; nobody waits for it.
const FETCH_TIMEOUT_MS = 10_000;

/** Where policies come from, and reports go. */
export interface Origin {
  policy(known: string, timeoutMs: number): Promise<Fetched | undefined>;
  report(usage: Uint8Array, timeoutMs: number): Promise<void>;
}

export interface Keeping {
  /** Whether it fetches the policy at all, or only loads the engine. */
  readonly watches: boolean;
  /** What is asked for. */
  readonly selector?: Selector | undefined;
  readonly refreshMs?: number | undefined;
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  readonly logger: Logger;
}

export class Policy {
  readonly #origin: Origin;
  readonly #module: () => Promise<WebAssembly.Module>;
  readonly #keeping: Keeping;
  readonly #refreshMs: number;
  readonly #made = new Date();
  #held: Held | undefined;
  #loading: Promise<Held> | undefined;
  #unusable: EngineError | undefined;
  #looking: Promise<void> | undefined;
  #looked = false;
  // A worker ends what a request began when the request ends. A look that has not ended by then is lost, and the next request waits for its own.
  #lostAt = 0;
  #wasLost = false;
  #nextLook = 0;
  #nextReport = performance.now() + REPORT_MS;
  #tag = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(origin: Origin, module: () => Promise<WebAssembly.Module>, keeping: Keeping) {
    const { refreshMs = REFRESH_MS } = keeping;
    if (!(refreshMs >= LEAST_REFRESH_MS)) throw new TypeError(`refreshMs: a number of milliseconds, ${LEAST_REFRESH_MS} or more`);
    this.#refreshMs = refreshMs;
    this.#origin = origin;
    this.#module = module;
    this.#keeping = keeping;
  }

  /** The engine; undefined until its module is there, and where it cannot be used. */
  get inside(): Inside | undefined {
    return this.#held?.inside;
  }

  get status(): PolicyStatus {
    return this.#held?.status ?? { state: "NONE", since: this.#made, version: "", problems: [] };
  }

  /** Why the engine cannot be used. */
  get unusable(): EngineError | undefined {
    return this.#unusable;
  }

  /** Does what is due, in the background. Until the first look has ended this takes up to `firstMs`. */
  async tended(firstMs: number): Promise<void> {
    if (this.#closed) return;
    const now = performance.now();
    if (now >= this.#nextLook) this.#look(now);
    if (now >= this.#nextReport) this.#background(this.report());
    if (this.#looking && this.#keeping.watches && (!this.#looked || this.#wasLost)) await within(firstMs, this.#looking);
  }

  /** Reports what was answered since the last time. Never rejects. */
  async report(): Promise<void> {
    this.#nextReport = performance.now() + jittered(REPORT_MS);
    if (!this.inside || this.status.state !== "READY") return; // It stays in the engine until somebody hears it.
    try {
      // Counted once: a report is not sent again.
      for (const usage of this.inside.takeUsage()) await this.#origin.report(usage, FETCH_TIMEOUT_MS);
    } catch (error) {
      this.#keeping.logger.warn(oneLine(`fingerpost: a report of what was answered is lost: ${(error as Error).message}`));
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.report();
    this.inside?.close();
  }

  #look(now: number): void {
    const isRunning = this.#looking !== undefined;
    if (isRunning && now < this.#lostAt) return;
    this.#wasLost = isRunning;
    this.#lostAt = now + FETCH_TIMEOUT_MS + SOON_MS;
    const looking = this.#renewed().finally(() => {
      if (this.#looking === looking) this.#looking = undefined;
      this.#looked = true;
      this.#wasLost = false;
      this.#again();
    });
    this.#looking = looking;
    this.#background(looking);
  }

  #background(work: Promise<unknown>): void {
    this.#keeping.waitUntil?.(work);
  }

  // Never rejects.
  async #renewed(): Promise<void> {
    const held = (this.#held = await (this.#loading ??= this.#loaded()));
    if (!held.inside || !this.#keeping.watches) {
      this.#nextLook = Infinity;
      return;
    }
    try {
      // After a failure of the engine there may be no policy any more. The tag of a bad one is kept: the same octets would be as bad.
      const hadOne = this.#tag !== "" && held.status.state !== "NONE" && !held.inside.hasPolicy;
      const found = await this.#origin.policy(hadOne ? "" : this.#tag, FETCH_TIMEOUT_MS);
      this.#nextLook = performance.now() + jittered(this.#refreshMs);
      if (this.#closed) return;
      if (found) this.#tag = found.tag;
      held.problem("watch");
      held.come(found?.octets);
    } catch (error) {
      this.#nextLook = performance.now() + jittered(Math.min(this.#refreshMs, SOON_MS));
      held.problem("watch", `no policy comes from the service: ${(error as Error).message}`);
      held.leave();
    }
  }

  // With the engine, or with the problem of having none.
  async #loaded(): Promise<Held> {
    let start: () => Inside;
    try {
      const module = await this.#module();
      start = () => new Inside(module);
    } catch (error) {
      start = () => {
        throw new EngineError("UNIMPLEMENTED", (error as Error).message);
      };
    }
    const { hosts = [], intents = [] } = this.#keeping.selector ?? {};
    const held = new Held(start, this.#keeping.logger, create(PolicySelectorSchema, { hosts: [...hosts], intents: [...intents] }));
    try {
      held.start();
    } catch (error) {
      this.#unusable = error as EngineError;
    }
    return held;
  }

  // Only where a timer does not keep the process alive; elsewhere the questions do what is due.
  #again(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#nextLook === Infinity) return;
    const next = Math.min(this.#nextLook, this.#nextReport) - performance.now();
    const timer: unknown = setTimeout(() => void this.tended(0).then(() => this.#looking ?? this.#again()), Math.max(next, 0));
    if (typeof timer === "object" && timer !== null && "unref" in timer) {
      (timer as { unref(): void }).unref();
      this.#timer = timer as ReturnType<typeof setTimeout>;
    } else clearTimeout(timer as number);
  }
}

const jittered = (milliseconds: number): number => milliseconds * (1 + JITTER * (2 * Math.random() - 1));

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  if (milliseconds <= 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}
