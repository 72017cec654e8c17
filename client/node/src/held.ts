// By which policy this process answers, and since when. Nothing here is Node.js's.
import { EngineError } from "./engine.js";
import type { PolicySelector } from "./gen/fingerpost/v1/policy_pb.js";
import { checkWhole } from "./handed.js";
import { Inside } from "./inside.js";
import { oneLine, type Logger } from "./log.js";

/** READY: the service says which policy answers. STALE: the last one that it handed out answers; the service is not heard. NONE: there has been none. */
export type PolicyState = "READY" | "STALE" | "NONE";

/** By which policy a client answers in its own process. */
export interface PolicyStatus {
  readonly state: PolicyState;
  /** When the state began. Of a policy from a file: when it was written. */
  readonly since: Date;
  /** As `Decision.policyVersion`; empty with NONE. */
  readonly version: string;
  /** Why a newer policy, or the engine, does not answer; a sentence each. */
  readonly problems: readonly string[];
}

/** What a problem is about: the engine, the policy that came, the way it comes, the file of the last good one, the service's own files. */
type About = "engine" | "policy" | "watch" | "file" | "service";

/** One client's policy. */
export class Held {
  readonly #start: () => Inside;
  readonly #logger: Logger;
  readonly #part: PolicySelector;
  #inside: Inside | undefined;
  #started = false;
  #state: PolicyState = "NONE";
  #since = new Date();
  readonly #problems = new Map<About, readonly string[]>();

  /** `start` gives the engine, or throws EngineError; it is called once, when the engine is needed. `part`: what is asked for. */
  constructor(start: () => Inside, logger: Logger, part: PolicySelector) {
    this.#part = part;
    this.#start = start;
    this.#logger = logger;
  }

  /** The engine; undefined if it cannot be used. */
  get inside(): Inside | undefined {
    if (!this.#started) {
      try {
        this.start();
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
    return this.#inside;
  }

  /** Throws EngineError if the engine cannot be used. */
  start(): void {
    this.#started = true;
    try {
      this.#inside ??= this.#start();
    } catch (error) {
      this.problem("engine", `the engine cannot be used: ${(error as Error).message}`);
      throw error;
    }
  }

  get status(): PolicyStatus {
    const inside = this.inside; // Its problem is one of these.
    return { state: this.#state, since: this.#since, version: inside?.version ?? "", problems: [...this.#problems.values()].flat() };
  }

  /** The service says that `octets` answer from now on, or, without any, those that are here. Whether they are new here. A bad policy changes nothing. `version`: if it is known. */
  come(octets: Uint8Array | undefined, version?: string): boolean {
    const taken = this.#taken(octets, version ?? "of the service", version);
    if (this.#inside?.hasPolicy) this.#become("READY", new Date());
    return taken;
  }

  /** A policy from a file, written at that time. */
  read(octets: Uint8Array, written: Date, path: string): void {
    if (this.#taken(octets, `of ${path}`)) this.#become("STALE", written);
  }

  /** The service is not heard any more. */
  leave(): void {
    if (this.#state === "READY") this.#become("STALE", new Date());
  }

  /** What is wrong now; nothing: an empty text. The log gets it once. */
  problem(about: About, ...sentences: readonly string[]): void {
    const now = sentences.filter((sentence) => sentence !== "");
    const before = this.#problems.get(about) ?? [];
    // Each try to reach a service that is away has words of its own.
    const told = about === "watch" && before.length > 0 ? now : before;
    for (const sentence of now) if (!told.includes(sentence)) this.#logger.warn(oneLine(`fingerpost: ${sentence}`));
    if (now.length > 0) this.#problems.set(about, now);
    else this.#problems.delete(about);
  }

  close(): void {
    this.#inside?.close();
  }

  #taken(octets: Uint8Array | undefined, name: string, version?: string): boolean {
    if (octets === undefined && (version === undefined || version === this.inside?.version)) return false;
    try {
      if (octets === undefined) throw new Error("its text did not come with it");
      checkWhole(octets, this.#part, version);
      this.inside?.open(octets);
      this.problem("policy", "");
      return this.inside !== undefined;
    } catch (error) {
      const stays = this.#inside?.hasPolicy ? ", the last one stays" : "";
      this.problem("policy", `the policy ${name} was not taken${stays}: ${(error as Error).message}`);
      return false;
    }
  }

  #become(state: PolicyState, since: Date): void {
    if (this.#state !== state) [this.#state, this.#since] = [state, since];
  }
}
