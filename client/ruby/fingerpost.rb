# frozen_string_literal: true

# The right HTTP redirect for Rack, from the generated stubs. What every client promises is in client/README.md; this one has no breaker.
#
#   fingerpost = Fingerpost::Rack.new("127.0.0.1:50051", :this_channel_is_insecure)
#   fingerpost.redirect(env, :form_result, "/orders/7829/confirmation", flash: "Order placed")

require "google/protobuf/well_known_types"

require_relative "engine"
$LOAD_PATH.unshift(ENV.fetch("FINGERPOST_STUBS", File.join(__dir__, "gen")))
require "fingerpost/v1/redirect_service_services_pb"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"

module Fingerpost
  # No answer, or an answer that must not be sent. `reason` is the answer's, as "LOOP"; `violations` are pairs of a field's path and what was expected.
  class Error < StandardError
    attr_reader :code, :reason, :violations

    def initialize(code, message, violations = [], reason: nil)
      super([code, *violations.map { |violation| violation.join(": ") }, (message if violations.empty?)].compact.join(": "))
      @code = code
      @reason = reason
      @violations = violations
    end
  end

  # An answer that could split a response, or contradicts itself.
  class Malformed < Error
    def initialize = super("MALFORMED", "the service's answer was not used")
  end

  # Asks the service, and turns its answers into Rack's [status, headers, body].
  class Rack
    SHARED = File.expand_path("..", __dir__)
    SERVICE_CONFIG = File.read(File.join(SHARED, "service_config.json")).freeze

    # The request fields that are sent: nothing that identifies or authenticates a user.
    SENT_FIELDS = %w[
      ACCEPT ACCESS_CONTROL_REQUEST_METHOD HX_BOOSTED HX_HISTORY_RESTORE_REQUEST HX_REQUEST ORIGIN SEC_FETCH_MODE TURBO_FRAME UPGRADE X_INERTIA
      X_REQUESTED_WITH X_TURBO_REQUEST_ID
    ].freeze
    TOKEN = /\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+\z/
    CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
    ENGINE = Engine.find
    # Codes by which a healthy service says that the question is wrong: no fallback.
    ANSWERS = %w[INVALID_ARGUMENT NOT_FOUND UNIMPLEMENTED PERMISSION_DENIED UNAUTHENTICATED FAILED_PRECONDITION OUT_OF_RANGE].freeze

    # `credentials`: GRPC::Core::ChannelCredentials, or :this_channel_is_insecure. `timeout`: seconds, over all attempts.
    def initialize(address, credentials, timeout: 0.1)
      @address = "dns:///#{address}"
      @credentials = credentials
      @timeout = timeout
      @lock = Mutex.new
    end

    # 400 for a visitor's unsafe or wrong value, 503 without an answer: generic texts, with the reason in rack.errors. Other errors are the program's own.
    def answer(env, purpose, target = "", **modifiers)
      redirect(env, purpose, target, **modifiers)
    rescue Error => e
      env["rack.errors"]&.puts("fingerpost: #{e.message.inspect}")
      return plain(400, "The request cannot be answered as it was sent.") if visitors?(e)
      return plain(503, "The service is not available at the moment.", "Retry-After" => "5") unless answered?(e)

      raise
    end

    # The response to an intent. `modifiers` are those of Intent; `flash` is a text. Raises Error for an unsafe redirect.
    def redirect(env, purpose, target = "", **modifiers)
      purpose = :"PURPOSE_#{purpose.upcase}"
      modifiers[:flash] = V1::Flash.new(text: modifiers[:flash]) if modifiers[:flash]
      request = V1::DecideRequest.new(request: request_of(env), intent: V1::Intent.new(purpose: purpose, target: target, **modifiers),
                                      now: Google::Protobuf::Timestamp.new.tap { |now| now.from_time(Time.now) }, draw: rand(2**32))
      response_of(stub.decide(request, deadline: Time.now + @timeout))
    rescue GRPC::BadStatus => e
      fall_back(request, error_of(e))
    rescue Malformed => e
      fall_back(request, e)
    end

    # Back to where a login came from, if that is safe; to `or_` if it is unsafe or missing.
    def back(env, next_target, or_ = "/")
      return redirect(env, :form_result, or_) if next_target.to_s.empty?

      redirect(env, :form_result, next_target, unsafe_target: :UNSAFE_TARGET_FALL_BACK, fallback_target: or_)
    rescue Error
      redirect(env, :form_result, or_)
    end

    # The flash message of a request and the Set-Cookie line that clears it, or two empty strings. Anybody could have written the message: escape it.
    def flash(env)
      [["__Host-flash", "Secure; "], ["flash", ""]].each do |name, secure|
        pair = env["HTTP_COOKIE"].to_s.split(/;\s*/).find { |cookie| cookie.start_with?("#{name}=") }
        next unless pair

        text = pair.delete_prefix("#{name}=").b.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr }
        return [text.force_encoding("UTF-8").scrub, "#{name}=; Path=/; Max-Age=0; #{secure}HttpOnly; SameSite=Lax"]
      end
      ["", ""]
    end

    private

    # The parts of a question that hold a visitor's values.
    VISITORS_FIELDS = /\A(?:request|parameters|intent\.(?:target|flash|response_parameters|sticky_key))(?:\z|[.\[])/
    # Refusals that the program's own modifiers cause.
    OWN_FAULTS = %w[PINNED_STATUS_CONTRADICTS FLASH_ON_PERMANENT].freeze
    private_constant :VISITORS_FIELDS, :OWN_FAULTS

    def plain(status, text, fields = {}) = [status, { "Content-Type" => "text/plain", "Cache-Control" => "no-store", **fields }, ["#{text}\n"]]

    def visitors?(error)
      return !OWN_FAULTS.include?(error.reason) if error.code == "REFUSE"

      error.code == "INVALID_ARGUMENT" && error.violations.any? && error.violations.all? { |field, _| field.match?(VISITORS_FIELDS) }
    end

    def answered?(error) = [*ANSWERS, "PASS", "FORWARD", "REFUSE"].include?(error.code)

    # The URL asked, with its path as sent if the server tells; otherwise quoted so that no encoded character becomes a delimiter.
    def url_of(env, request)
      path = "#{env["SCRIPT_NAME"]}#{env["PATH_INFO"]}".b
      raw = [env["REQUEST_URI"], env["RAW_URI"]].compact.first.to_s.sub(%r{\Ahttps?://[^/?#]*}i, "").split("?", 2).first.to_s
      read = raw.b.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr.b }
      # Servers differ in whether PATH_INFO is decoded.
      sent = raw.start_with?("/") && [raw.b, read].include?(path) && raw.ascii_only? ? raw : path.gsub(%r{[^A-Za-z0-9\-._~!$&'()*+,=:@/%]}) { |octet| format("%%%02X", octet.ord) }
      query = env["QUERY_STRING"].to_s
      "#{request.base_url}#{sent}#{"?#{query}" unless query.empty?}"
    end

    # One channel in each process, made on first use: servers fork.
    def stub
      @lock.synchronize do
        unless @pid == Process.pid
          @pid = Process.pid
          @stub = V1::RedirectService::Stub.new(@address, @credentials, channel_args: {
            "grpc.service_config" => SERVICE_CONFIG, "grpc.enable_retries" => 1, "grpc.primary_user_agent" => "fingerpost-ruby",
            # A name is resolved again at most once a second: gRPC's default of 30 s is longer than a rollout takes.
            "grpc.dns_min_time_between_resolutions_ms" => 1_000,
            # After an outage it reconnects at least every 5 s: with gRPC's default of two minutes it would avoid the service long after its return.
            "grpc.max_reconnect_backoff_ms" => 5_000,
            "grpc.keepalive_time_ms" => 30_000, "grpc.keepalive_timeout_ms" => 5_000
          })
        end
        @stub
      end
    end

    def request_of(env)
      request = ::Rack::Request.new(env)
      fields = SENT_FIELDS.to_h { |name| [name.tr("_", "-"), env["HTTP_#{name}"]] }.merge("CONTENT-TYPE" => env["CONTENT_TYPE"]).compact
      V1::HttpRequest.new(
        method: env["REQUEST_METHOD"], url: url_of(env, request), headers: fields.map { |name, value| V1::Header.new(name: name, value: value.scrub) },
        protocol: env["SERVER_PROTOCOL"] == "HTTP/1.0" ? :PROTOCOL_HTTP_1_0 : :PROTOCOL_HTTP_1_1
      )
    end

    # An answer is checked before it becomes a header.
    def response_of(answer)
      outcome = answer.outcome.to_s.delete_prefix("OUTCOME_")
      raise Error.new(outcome, answer.reason&.message, reason: answer.reason&.code.to_s.delete_prefix("REASON_CODE_")) unless %w[REDIRECT RESPOND].include?(outcome)

      lines = answer.headers.map { |line| [line.name, line.value] }
      check(outcome, answer.status, lines)
      # Rack 2 joins lines of one name by LF.
      headers = lines.group_by(&:first).transform_values { |same| same.map(&:last).join("\n") }
      [answer.status, headers, [answer.body]]
    end

    def check(outcome, status, lines)
      locations = lines.select { |name, _| name.casecmp?("location") }.map(&:last)
      redirect = (300..399).cover?(status)
      sound = lines.all? { |name, value| name.match?(TOKEN) && !value.match?(CONTROL) } && (200..599).cover?(status) &&
              redirect == (outcome == "REDIRECT") && locations.size <= 1 && locations.none?(&:empty?) && (!redirect || status == 300 || locations.one?)
      raise Malformed unless sound
    end

    # What the engine answers without a policy, or the error: what it refuses, a policy could allow.
    def fall_back(question, error)
      raise error if ANSWERS.include?(error.code) || ENGINE.nil?

      answered, octets = ENGINE.decide(V1::DecideRequest.encode(question))
      raise wrong(V1::Error.decode(octets)) unless answered

      answer = V1::DecideResponse.decode(octets)
      answer.outcome == :OUTCOME_REFUSE ? raise(error) : response_of(answer)
    end

    def wrong(error) = Error.new(error.code, error.message, error.violations.map { |violation| [violation.field, violation.description] })

    def error_of(error)
      code = GRPC::Core::StatusCodes.constants.find { |name| GRPC::Core::StatusCodes.const_get(name) == error.code }.to_s
      Error.new(code, error.details, violations_of(error))
    end

    def violations_of(error)
      details = Google::Rpc::Status.decode(error.metadata["grpc-status-details-bin"] || "").details
      wrong = details.map { |detail| detail.unpack(Google::Rpc::BadRequest) }.compact.flat_map { |bad| bad.field_violations.to_a }
      wrong.map { |violation| [violation.field, violation.description] }
    rescue Google::Protobuf::ParseError
      [] # The code says enough.
    end
  end
end
