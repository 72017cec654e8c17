// Who can be asked: a client of any kind.
import type { Decision, Hop } from "./answers.js";
import type { Logger } from "./log.js";
import type { DecideQuestion, FollowQuestion } from "./questions.js";

export interface CallOptions {
  /** Milliseconds, over all attempts, including connecting, if the service is asked. */
  readonly timeoutMs?: number;
  /** Instead of the client's. */
  readonly logger?: Logger | undefined;
}

/** What the adapters need: a Client, or a fake. */
export interface Asking {
  /** What to send. Rejects with FingerpostError. */
  decide(question: DecideQuestion, options?: CallOptions): Promise<Decision>;
  /** What to request next. Rejects with FingerpostError. */
  follow(question: FollowQuestion, options?: CallOptions): Promise<Hop>;
  /** Connects, and says whether that succeeded in time. */
  ready?(timeoutMs?: number): Promise<boolean>;
  readonly logger?: Logger;
}
