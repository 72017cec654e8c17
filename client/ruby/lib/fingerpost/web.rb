# frozen_string_literal: true

require "fingerpost/client"

module Fingerpost
  # The answer is not a response: REFUSE, PASS or FORWARD. `decision` says why.
  class NotSent < Error
    attr_reader :decision

    def initialize(decision)
      super(decision.outcome.to_s, decision.message.empty? ? decision.reason : decision.message, decision.reason)
      @decision = decision
    end
  end

  # What the adapters share: questions from Rack's environment, and what becomes of errors.
  module Web
    # What is sent of a request: enough for every rule of the core, nothing that identifies or authenticates a user. Fields that a policy's rules look at are
    # added by the caller, by name.
    SENT_FIELDS = %w[
      Accept Access-Control-Request-Method Content-Type HX-Boosted HX-History-Restore-Request HX-Request Origin Sec-Fetch-Mode Turbo-Frame Upgrade X-Inertia
      X-Requested-With
    ].freeze
    # Seconds: a reconnect waits no longer (client/README.md).
    RETRY_AFTER = "5"
    REFUSED = "The request cannot be answered as it was sent."
    UNAVAILABLE = "The service is not available at the moment."
    # The parts of a question that hold a visitor's values.
    OF_THE_VISITOR = /\A(?:request|parameters|intent\.(?:target|flash|response_parameters|sticky_key))(?:\z|[.\[])/
    # Refusals that the program's own modifiers cause. The target causes all others, and a visitor may have chosen it.
    OWN_FAULTS = %w[PINNED_STATUS_CONTRADICTS FLASH_ON_PERMANENT].freeze
    # A path with dot segments is below no other path, because it may lead elsewhere.
    DOTS = %r{(?:\A|[/\\])(?:\.|%2e){1,2}(?:[/\\]|\z)}i
    PROTOCOLS = { "HTTP/1.0" => :PROTOCOL_HTTP_1_0, "HTTP/2" => :PROTOCOL_HTTP_2, "HTTP/2.0" => :PROTOCOL_HTTP_2 }.freeze
    FORWARDED = Rate.new
    private_constant :FORWARDED

    # How one program reads its requests. `fields`: request fields that are sent, too. `trust_proxy`: a proxy that is always there sets X-Forwarded-Proto
    # and X-Forwarded-Host.
    class Reader
      def initialize(fields: [], trust_proxy: false)
        @sent = (SENT_FIELDS | fields).uniq(&:downcase).to_h { |name| [name, Reader.key(name)] }.freeze
        @trust_proxy = trust_proxy
      end

      def self.key(name) = %w[Content-Type Content-Length].find { |one| one.casecmp?(name) } ? name.upcase.tr("-", "_") : "HTTP_#{name.upcase.tr("-", "_")}"

      # The question about a request; `wish` is an intent, a name, or nothing: the policy's rules.
      def question(env, wish = {})
        asked = Questions.message(V1::DecideRequest, wish)
        asked.request = V1::HttpRequest.new(
          # As it came: a form of Rails may mean another.
          method: env["rack.methodoverride.original_method"] || env["REQUEST_METHOD"], url: url(env), protocol: protocol(env),
          headers: @sent.filter_map { |name, key| Questions.header(name, env[key]) if env[key] }
        )
        asked
      end

      # The URL asked, its path as sent. X-Forwarded-* never choose it unless the proxy is trusted.
      def url(env)
        query = env["QUERY_STRING"].to_s
        quoted("#{scheme(env)}://#{host(env)}#{Reader.path(env)}#{"?#{query}" unless query.empty?}")
      end

      # Whether the policy's rules may have an answer: not for CONNECT and TRACE, a CORS preflight, a path below `exempt`, or without a host (HTTP/1.0).
      def may_match?(env, exempt)
        warn_of_proxy(env)
        return false if %w[CONNECT TRACE].include?(env["REQUEST_METHOD"]) || env.fetch("HTTP_HOST") { "none" unless env["SERVER_PROTOCOL"] == "HTTP/1.0" }.to_s.empty?
        return false if env["REQUEST_METHOD"] == "OPTIONS" && env.key?("HTTP_ACCESS_CONTROL_REQUEST_METHOD")

        path = Reader.path(env)
        path.start_with?("/") && !(exempt.any? { |prefix| path == prefix || path.start_with?("#{prefix.delete_suffix("/")}/") } && !path.match?(DOTS))
      end

      # The server's raw URI is used if it agrees with SCRIPT_NAME and PATH_INFO; its host never is.
      def self.path(env)
        path = "#{env["SCRIPT_NAME"]}#{env["PATH_INFO"]}".b
        raw = (env["REQUEST_URI"] || env["RAW_URI"]).to_s.b.sub(%r{\Ahttps?://[^/?#]*}i, "").split("?", 2).first.to_s
        # Servers differ in whether PATH_INFO is decoded.
        return raw if raw.start_with?("/") && (raw == path || raw.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr } == path)

        # Quoted so that no encoded character becomes a delimiter.
        path.gsub(%r{[^A-Za-z0-9\-._~!$&'()*+,=:@/%]}n) { |octet| format("%%%02X", octet.ord) }
      end

      private

      # Requests of Rack::Test, and of Rails' integration tests, say HTTP/1.0, which has no 303.
      def protocol(env) = env["rack.test"] ? :PROTOCOL_UNSPECIFIED : PROTOCOLS.fetch(env["SERVER_PROTOCOL"], :PROTOCOL_UNSPECIFIED)

      def scheme(env)
        forwarded = env["HTTP_X_FORWARDED_PROTO"].to_s.split(",").first.to_s.strip.downcase
        return forwarded if @trust_proxy && %w[http https].include?(forwarded)
        return "https" if %w[on https 1].include?(env["HTTPS"])

        # Puma makes rack.url_scheme of X-Forwarded-Proto.
        forwarded.empty? ? env["rack.url_scheme"] : "http"
      end

      def host(env)
        forwarded = @trust_proxy ? env["HTTP_X_FORWARDED_HOST"].to_s.split(",").last.to_s.strip : ""
        return forwarded unless forwarded.empty?

        # Rack's own requests for tests have no Host.
        env.fetch("HTTP_HOST") { [env["SERVER_NAME"], (env["SERVER_PORT"] unless %w[80 443].include?(env["SERVER_PORT"].to_s))].compact.join(":") }
      end

      def warn_of_proxy(env)
        forwarded = env["HTTP_X_FORWARDED_PROTO"].to_s.split(",").first.to_s.strip.downcase
        return if forwarded.empty? || forwarded == scheme(env) || FORWARDED.take.zero?

        Fingerpost.logger.warn("X-Forwarded-Proto is #{forwarded[0, 10].inspect} and the URL's scheme is #{scheme(env)}: say trust_proxy (README, behind a proxy)")
      end

      def quoted(text) = text.b.gsub(/[^!-~]/n) { |octet| format("%%%02X", octet.ord) }.force_encoding(Encoding::UTF_8)
    end

    module_function

    # An intent as questions have it.
    def intent(purpose, target, modifiers)
      wish = { purpose: purpose, target: target.to_s, **modifiers }
      wish[:flash] = { text: wish[:flash] } if wish[:flash].is_a?(String)
      wish.delete(:flash) if wish[:flash].nil?
      { intent: wish }
    end

    # A named intent as questions have it.
    def named(name, parameters) = { intent_name: name, parameters: parameters.transform_values { |value| value.is_a?(Numeric) ? value.to_s : value } }

    # The intents that `back` tries, in order, until one is not refused.
    def ways_back(to, or_)
      home = intent(:form_result, or_, {})
      to.to_s.empty? ? [home] : [intent(:form_result, to, unsafe_target: :fall_back, fallback_target: or_.to_s), home]
    end

    # 400 for a visitor's unsafe or wrong value, 503 without an answer. The reason goes to the log; the visitor gets REFUSED or UNAVAILABLE. Raises `error`
    # when the program is wrong.
    def status_of(error)
      decision = error.decision if error.is_a?(NotSent)
      unsafe = decision && decision.outcome == :REFUSE && !OWN_FAULTS.include?(decision.reason)
      # Only a visitor's values make a question too large.
      if unsafe || of_the_visitor?(error) || error.too_large?
        Fingerpost.logger.warn("refused: #{error.message}")
        return 400
      end
      raise error unless decision ? decision.source == :FALLBACK : !error.answered?

      Fingerpost.logger.warn("no answer: #{error.message}")
      503
    end

    def of_the_visitor?(error)
      error.code == "INVALID_ARGUMENT" && error.violations.any? && error.violations.all? { |one| one.field.match?(OF_THE_VISITOR) }
    end

    # The answer as Rack's response, unchanged. Raises NotSent for one that is no response.
    def response(decision)
      raise NotSent, decision unless decision.must_send?

      # Rack 2 joins lines of one name by LF.
      headers = decision.headers.group_by { |name, _| name.downcase }.values.to_h { |same| [same.first.first, same.map(&:last).join("\n")] }
      [decision.status, headers, decision.body.empty? ? [] : [decision.body]]
    end

    # The flash message of a request and the Set-Cookie line that clears it, or two empty strings. Anybody could have written the message: escape it.
    def flash(env)
      cookies = env["HTTP_COOKIE"].to_s.split(/;\s*/)
      [["__Host-flash", "Secure; "], ["flash", ""]].each do |name, secure|
        pair = cookies.find { |cookie| cookie.start_with?("#{name}=") } or next
        text = pair.delete_prefix("#{name}=").b.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr }
        return [text.force_encoding(Encoding::UTF_8).scrub, "#{name}=; Path=/; Max-Age=0; #{secure}HttpOnly; SameSite=Lax"]
      end
      ["", ""]
    end
  end
end
