# frozen_string_literal: true

require "fingerpost/answers"
require "fingerpost/inside"
require "fingerpost/secrets"

module Fingerpost
  # What a caller gets when the service does not answer (client/README.md): the engine answers without a policy.
  module Fallback
    module_function

    # The answer without the service, or raises `error`, or what is wrong with the question.
    def decide(question, error, empty)
      return Answers.decision_of(V1::DecideResponse.new(outcome: :OUTCOME_PASS), :FALLBACK, error) unless question.wish == :intent
      raise error unless empty

      answer = V1::DecideResponse.decode(empty.decide(Inside.decide_octets(question)))
      answer.policy_version = ""
      decision = Answers.decision_of(answer, :FALLBACK, error)
      raise error if decision.outcome == :REFUSE # A policy could have allowed it.

      decision
    rescue Error => e
      raise e.code == "INVALID_ARGUMENT" ? e : error
    end

    # The hop without the service. Without an engine it is a stop: the response that came is the last one.
    def follow(question, error, empty)
      stop = Hop.new(stop: "SERVICE_UNAVAILABLE", message: error.text, failed: true, changes: [], chain: question.chain, wait: 0.0, source: :FALLBACK, error: error)
      return stop unless empty

      answer = V1::FollowResponse.decode(empty.follow(Inside.follow_octets(Secrets.withheld(question))))
      Secrets.put_back(question, answer)
      Answers.hop_of(answer, :FALLBACK, error)
    rescue Error => e
      raise if e.code == "INVALID_ARGUMENT"

      stop
    end
  end
end
