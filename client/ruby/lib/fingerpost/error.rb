# frozen_string_literal: true

require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "fingerpost/v1/answer_pb"

module Fingerpost
  # One wrong field of a question: `field` is its path (`intent.target`), `description` what was expected.
  Violation = Struct.new(:field, :description)

  # There is no answer, or none that may be sent.
  #
  # `code` is the gRPC code's name ("INVALID_ARGUMENT", "UNAVAILABLE", …; "MALFORMED" when the answer failed the client's own checks, "BREAKER_OPEN" when
  # the service was not even asked), `reason` the service's ("INVALID_FIELDS"), `violations` every wrong field.
  class Error < StandardError
    # Codes by which a healthy service reports a fault of the question or of the caller.
    ANSWERS = %w[INVALID_ARGUMENT NOT_FOUND UNIMPLEMENTED PERMISSION_DENIED UNAUTHENTICATED FAILED_PRECONDITION OUT_OF_RANGE].freeze

    attr_reader :code, :text, :reason, :violations

    def initialize(code, text, reason = "", violations = [])
      super("#{code}: #{text}")
      @code = code
      @text = text
      @reason = reason
      @violations = violations.freeze
    end

    # The service said that the question is wrong: no fallback, and asking again would not help.
    def answered? = ANSWERS.include?(code) || too_large?

    # The question is larger than the service takes. Only gRPC's text says so.
    def too_large? = code == "RESOURCE_EXHAUSTED" && text.include?("message larger than max")

    class << self
      # The service answered, but what it said failed the client's checks.
      def malformed(what) = Error.new("MALFORMED", "the service's answer was not used: #{what}")

      # From the message that takes an answer's place.
      def of_message(error)
        Error.new(error.code, error.message, name_of(error.reason, "ERROR_REASON_"), error.violations.map { |one| Violation.new(one.field, one.description) })
      end

      # From what gRPC raises.
      def of_status(error)
        code = CODES.fetch(error.code, "UNKNOWN")
        reason, violations = details(error.metadata && error.metadata["grpc-status-details-bin"])
        text = error.details.to_s.dup.force_encoding(Encoding::UTF_8).scrub # gRPC gives octets.
        Error.new(code, text.empty? ? code : text, reason, violations)
      end

      # A known enum value without its prefix; nothing for one from a newer service.
      def name_of(value, prefix) = value.is_a?(Symbol) && !value.end_with?("_UNSPECIFIED") ? value.to_s.delete_prefix(prefix) : ""

      private

      # ErrorInfo.reason and BadRequest's violations of a google.rpc.Status. Nothing if it cannot be read; the code says enough.
      def details(octets)
        reason, violations = "", []
        Google::Rpc::Status.decode(octets.to_s).details.each do |detail|
          if (info = detail.unpack(Google::Rpc::ErrorInfo))
            reason = info.reason
          elsif (bad = detail.unpack(Google::Rpc::BadRequest))
            violations += bad.field_violations.map { |one| Violation.new(one.field, one.description) }
          end
        end
        [reason, violations]
      rescue Google::Protobuf::ParseError
        ["", []]
      end
    end

    CODES = %w[
      OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED
      OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED
    ].each_with_index.to_h { |name, number| [number, name] }.freeze
    private_constant :CODES
  end

  # There is no engine that this process can use.
  class EngineError < StandardError; end
end
