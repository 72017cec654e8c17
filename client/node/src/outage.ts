// What a caller gets while nobody answers (client/README.md, "When the service does not answer").
import { Decision, decisionOf, hopOf, type Hop, type Source } from "./answers.js";
import { FingerpostError } from "./errors.js";
import type { DecideRequest } from "./gen/fingerpost/v1/decide_pb.js";
import type { FollowRequest, FollowResponse } from "./gen/fingerpost/v1/follow_pb.js";
import type { Inside } from "./inside.js";
import { putBack } from "./secrets.js";

/**
 * The answer of the last good policy. Without one, PASS for a named intent and for the policy's rules; a spelled-out intent has the answer of an empty
 * policy, and where that refuses, a policy could have allowed it: `error`. `inside`: the engine, if it is there. Throws what is wrong with the question.
 */
export function decided(request: DecideRequest, error: FingerpostError, inside: Inside | undefined): Decision {
  const held = inside?.hasPolicy && instead(() => decisionOf(inside.decide(request), "FALLBACK", error));
  if (held) return held;
  if (request.wish.case !== "intent") return new Decision({ outcome: "PASS" }, "FALLBACK", error);
  const bare = inside && instead(() => decisionOf(inside.decideWithoutPolicy(request), "FALLBACK", error));
  if (!bare || bare.outcome === "REFUSE") throw error;
  return new Decision({ ...bare, policyVersion: "" }, "FALLBACK", error);
}

/** The engine's answer, which depends on no policy. Without an engine a stop: the response that came is the last one. */
export function followed(request: FollowRequest, error: FingerpostError, inside: Inside | undefined): Hop {
  const found = inside && instead(() => hop(request, inside.follow(request), "FALLBACK", error));
  if (found) return found;
  const { chain } = request;
  return {
    stop: "SERVICE_UNAVAILABLE",
    message: error.message,
    failed: true,
    changes: [],
    waitSeconds: 0,
    source: "FALLBACK",
    error,
    ...(chain && { chain }),
  };
}

/** An answer to `request`, checked. */
export function hop(request: FollowRequest, answer: FollowResponse, source: Source, error?: FingerpostError): Hop {
  putBack(request, answer);
  return { ...hopOf(answer, source), ...(error && { error }) };
}

// What cannot be answered here has no answer.
function instead<T>(answer: () => T): T | undefined {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof FingerpostError) || error.code === "INVALID_ARGUMENT") throw error;
    return undefined;
  }
}
