"""What a caller gets when the service does not answer (client/README.md): the engine answers without a policy."""

from __future__ import annotations

import dataclasses

from fingerpost import answers, engine, inside, secrets
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2
from fingerpost.answers import Decision, Hop, Outcome, Source
from fingerpost.errors import FingerpostError


def decide(question: decide_pb2.DecideRequest, error: FingerpostError, empty: engine.Policy | None) -> Decision:
    """The answer without the service, or raises ``error``, or what is wrong with the question."""
    if question.WhichOneof("wish") != "intent":
        return Decision(Outcome.PASS, source=Source.FALLBACK, error=error)
    if empty is None:
        raise error
    try:
        answer = decide_pb2.DecideResponse.FromString(empty.decide(inside.decide_octets(question)))
        answer.ClearField("policy_version")
        decision = answers.decision_of(answer, Source.FALLBACK)
    except FingerpostError as wrong:
        raise (wrong if wrong.code == "INVALID_ARGUMENT" else error) from None
    if decision.outcome is Outcome.REFUSE:  # A policy could have allowed it.
        raise error
    return dataclasses.replace(decision, error=error)


def follow(question: follow_pb2.FollowRequest, error: FingerpostError, empty: engine.Policy | None) -> Hop:
    """The hop without the service. Without an engine it is a stop: the response that came is the last one."""
    stop = Hop(next=None, stop="SERVICE_UNAVAILABLE", message=error.message, failed=True, chain=question.chain, source=Source.FALLBACK, error=error)
    if empty is None:
        return stop
    try:
        answer = follow_pb2.FollowResponse.FromString(empty.follow(inside.follow_octets(secrets.withheld(question))))
        secrets.put_back(question, answer)
        return dataclasses.replace(answers.hop_of(answer, Source.FALLBACK), error=error)
    except FingerpostError as wrong:
        if wrong.code == "INVALID_ARGUMENT":
            raise wrong from None
        return stop
