# frozen_string_literal: true

require "fingerpost/error"
require "fingerpost/v1/decide_pb"
require "fingerpost/v1/follow_pb"

module Fingerpost
  # An answer to Decide. If `must_send?`, write `status`, `headers` (pairs) and `body` unchanged. Otherwise `headers` are at most Vary, Cache-Control and
  # Set-Cookie, which belong on the page (RFC 9110 §12.5.5). `outcome` and `source` are symbols; `error` says why the service did not answer, with the
  # source :FALLBACK; `raw` is the protobuf message.
  Decision = Struct.new(
    :outcome, :status, :headers, :body, :target, :reason, :message, :citations, :warnings, :clear_cookie, :rule, :policy_version, :source, :error, :raw,
    keyword_init: true
  ) do
    # `status`, `headers` and `body` are the response.
    def must_send? = outcome == :REDIRECT || outcome == :RESPOND

    # The first field of that name.
    def header(name) = headers.find { |key, _| key.casecmp?(name) }&.last
  end

  # An answer to Follow: `next` is the request to send (V1::HttpRequest), or `stop` says why there is none. `failed`: the chain ended in an error, rather
  # than with a response that is the result. `wait`: seconds that the response asks to wait (Retry-After).
  Hop = Struct.new(:next, :stop, :message, :failed, :changes, :chain, :wait, :source, :error, :raw, keyword_init: true)

  # An answer is checked before it becomes a header (client/README.md, 5).
  module Answers
    TOKEN = /\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+\z/
    CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/n
    URL = %r{\Ahttps?://[^\x00-\x20\x7f]+\z}
    # The fields that an answer may add to the page when it is not itself a response.
    OF_A_PAGE = %w[vary cache-control set-cookie].freeze
    OUTCOMES = %i[REDIRECT RESPOND FORWARD PASS REFUSE].to_h { |name| [:"OUTCOME_#{name}", name] }.freeze

    module_function

    def decision_of(answer, source = :SERVICE, error = nil)
      known = OUTCOMES[answer.outcome]
      headers = checked_fields(known, answer)
      reason = answer.reason
      Decision.new(
        # An unknown outcome, from a newer service, is PASS.
        outcome: known || :PASS, status: answer.status, headers: headers, body: answer.body, target: answer.target,
        reason: reason ? Error.name_of(reason.code, "REASON_CODE_") : "", message: reason ? reason.message : "", citations: reason ? reason.citations.to_a : [],
        warnings: answer.warnings.map(&:message), clear_cookie: answer.clear_cookie, rule: answer.rule, policy_version: answer.policy_version,
        source: source, error: error, raw: answer
      )
    end

    def hop_of(answer, source = :SERVICE, error = nil)
      wait = answer.wait ? answer.wait.seconds + (answer.wait.nanos / 1e9) : 0.0
      hop = Hop.new(stop: "", message: "", failed: false, changes: answer.changes.to_a, chain: answer.chain, wait: wait, source: source, error: error, raw: answer)
      if answer.next
        hop.next = checked_next(answer)
      else
        reason = answer.stop ? Error.name_of(answer.stop.reason, "STOP_REASON_") : ""
        hop.stop = reason.empty? ? "UNKNOWN" : reason
        hop.message = answer.stop ? answer.stop.message : ""
        hop.failed = answer.stop.nil? || answer.stop.error
      end
      hop
    end

    # A field line's value as octets; empty when it is withheld.
    def octets_of(line) = (line.content == :raw_value ? line.raw_value : line.value).b

    def checked_fields(outcome, answer)
      raise Error.malformed("target or clear_cookie has a control character") if control?(answer.target) || control?(answer.clear_cookie)

      response = %i[REDIRECT RESPOND].include?(outcome)
      unless response || (answer.status.zero? && answer.headers.all? { |line| OF_A_PAGE.include?(line.name.downcase) })
        raise Error.malformed(outcome ? "#{outcome} with a status or fields" : "an unknown outcome")
      end

      fields = answer.headers.map { |line| checked(line) }
      check_response(outcome, answer.status, fields) if response
      fields
    end

    def check_response(outcome, status, fields)
      locations = fields.filter_map { |name, value| value if name.casecmp?("location") }
      redirect = (300..399).cover?(status)
      raise Error.malformed("an empty Location") if locations.any?(&:empty?)
      raise Error.malformed("#{outcome} with status #{status}") unless redirect == (outcome == :REDIRECT) && (200..599).cover?(status)
      raise Error.malformed("#{locations.size} Location fields") if locations.size > 1 || (redirect && status != 300 && locations.empty?)
    end

    # Refuses a field that could split a response.
    def checked(line)
      value = octets_of(line)
      raise Error.malformed("a field name is not a token") unless line.name.match?(TOKEN)
      raise Error.malformed("the value of #{line.name} has a control character") if value.match?(CONTROL)

      [line.name, value.force_encoding(Encoding::UTF_8)]
    end

    def checked_next(answer)
      [*answer.next.headers, *answer.changes.filter_map(&:field)].each { |line| checked(line) }
      raise Error.malformed("the next method is not a token") unless answer.next["method"].match?(TOKEN)
      raise Error.malformed("the next URL is not an http or https URL") unless answer.next.url.match?(URL)

      answer.next
    end

    def control?(text) = text.b.match?(CONTROL)
  end
end
