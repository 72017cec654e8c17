package dev.fingerpost;

import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.DecideResponse;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.FollowResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller gets when the service does not answer (client/README.md): the engine answers without a policy. */
final class Fallback {
  private Fallback() {}

  static Decision decide(DecideRequest question, FingerpostException error, Opener.@Nullable Policy empty) {
    if (question.getWishCase() != DecideRequest.WishCase.INTENT) {
      return new Decision(Outcome.PASS, 0, List.of(), "", Source.FALLBACK, error, DecideResponse.getDefaultInstance());
    }
    if (empty == null) {
      throw error;
    }
    Decision decision;
    try {
      decision = Answers.decision(Inside.decideBy(empty, question).toBuilder().clearPolicyVersion().build(), Source.FALLBACK);
    } catch (FingerpostException wrong) {
      throw wrong.code().equals("INVALID_ARGUMENT") ? wrong : error;
    }
    if (decision.outcome() == Outcome.REFUSE) { // A policy could have allowed it.
      throw error;
    }
    return decision.because(error);
  }

  /** Without an engine it is a stop: the response that came is the last one. */
  static Hop follow(FollowRequest question, FingerpostException error, Opener.@Nullable Policy empty) {
    FollowResponse same = FollowResponse.newBuilder().setChain(question.getChain()).build();
    Hop stop = new Hop(null, "SERVICE_UNAVAILABLE", error.description(), true, Source.FALLBACK, error, same);
    if (empty == null) {
      return stop;
    }
    try {
      FollowResponse answer = Inside.followBy(empty, Secrets.withheld(question));
      return Answers.hop(Secrets.putBack(question, answer), Source.FALLBACK).because(error);
    } catch (FingerpostException wrong) {
      if (wrong.code().equals("INVALID_ARGUMENT")) {
        throw wrong;
      }
      return stop;
    }
  }
}
