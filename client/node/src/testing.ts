/**
 * A fake for your own tests: no server, no network. `new FakeClient(policy)` can stand in for any Client, and answers as the service does with that policy:
 *
 *     new FakeClient({ rules: [{ id: "docs", match: { path: "/manual" }, intent: { purpose: "permanent_move", target: "/docs" } }] });
 */
import type { Decision, Hop } from "./answers.js";
import type { CallOptions } from "./asking.js";
import { Client, type ClientOptions } from "./client.js";
import type { FingerpostError } from "./errors.js";
import { DecideRequestSchema, type DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import { FollowRequestSchema, type FollowRequest } from "./gen/fingerpost/v1/follow_pb.js";
import type { PolicyStatus } from "./held.js";
import type { Inside } from "./inside.js";
import { packagedEngine } from "./module.js";
import { message, type DecideQuestion, type FollowQuestion } from "./questions.js";
import { plaintext } from "./transport.js";

export class FakeClient extends Client {
  /** The questions that were asked, in order. */
  readonly questions: (DecideRequest | FollowRequest)[] = [];
  /** The error that every call meets while it is set: an outage, for a process that has no policy yet. */
  error: FingerpostError | undefined;
  readonly #inside: Inside;
  readonly #since = new Date();
  #bare: Inside | undefined;

  /** `policy`: a policy document, as a text or as the object that its JSON is. Throws EngineError with a violation for each of its problems. */
  constructor(policy: string | object = {}, options: Omit<ClientOptions, "engine" | "selector" | "policyFile"> = {}) {
    super("fake", plaintext(), options);
    this.#inside = packagedEngine();
    this.#inside.open(typeof policy === "string" ? policy : JSON.stringify(policy));
  }

  override async decide(question: DecideQuestion, options: CallOptions = {}): Promise<Decision> {
    const request = message(DecideRequestSchema, question);
    this.questions.push(request);
    return super.decide(request, options);
  }

  override async follow(question: FollowQuestion, options: CallOptions = {}): Promise<Hop> {
    const request = message(FollowRequestSchema, question);
    this.questions.push(request);
    return super.follow(request, options);
  }

  override get policy(): PolicyStatus {
    return { state: "READY", since: this.#since, version: this.#inside.version, problems: [] };
  }

  /** A fake is always there. */
  override async ready(): Promise<boolean> {
    return true;
  }

  /** @internal */
  protected override async connected(): Promise<void> {}

  /** @internal */
  protected override async call(): Promise<never> {
    throw this.error;
  }

  /** @internal */
  protected override inside(): Inside | undefined {
    return this.error ? undefined : this.#inside;
  }

  /** @internal */
  protected override get fallback(): Inside | undefined {
    return (this.#bare ??= packagedEngine());
  }
}
