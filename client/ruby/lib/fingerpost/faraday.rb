# frozen_string_literal: true

require "faraday"
require "fingerpost/chain"

module Fingerpost
  # A redirect that must not be followed, or a first URL that must not be requested. `hop` says why; `response` is the redirect, a hash as in all of Faraday's
  # errors, or nil.
  class Stopped < ::Faraday::Error
    attr_reader :hop

    def initialize(hop, response = nil)
      super("#{hop.stop}: #{hop.message}", response)
      @hop = hop
    end
  end

  # The limit is reached, or the redirects form a loop.
  class TooManyRedirects < Stopped; end

  # Safe following for Faraday: `connection.use Fingerpost::Following, client, limit: 5`, as the last middleware before the adapter. Under STRICT, unless the
  # options, those of FollowOptions, say otherwise.
  class Following < ::Faraday::Middleware
    def initialize(app, client, **options)
      super(app)
      @client = client
      @options = Questions.message(V1::FollowOptions, options)
    end

    def call(env)
      raise ArgumentError, "parallel requests are not followed" if env.parallel?

      chain = Chain.new(@client, @options)
      stop = chain.first(env.method.to_s.upcase, env.url.to_s)
      raise Stopped, stop if stop

      followed(env, chain)
    end

    private

    # Request after request; the last response.
    def followed(env, chain)
      loop do
        sent = env.dup.tap { |one| one.request_headers = env.request_headers.dup }
        content, start = env.body, position(env.body)
        response = @app.call(env)
        return response unless Chain.redirect?(response.status)

        hop = hop(chain, sent, response, content, start)
        return response unless hop.next || hop.failed
        raise (%w[LIMIT LOOP].include?(hop.stop) ? TooManyRedirects : Stopped).new(hop, told(response)) unless hop.next

        content&.seek(start) if start && !Chain.drops_body?(hop)
        env = after(sent, hop, chain, Chain.drops_body?(hop) ? nil : content)
      end
    end

    def hop(chain, sent, response, content, start)
      chain.hop(
        method: sent.method.to_s.upcase, url: sent.url.to_s, fields: sent.request_headers.to_a, body: body(content, start), status: response.status,
        response: response.headers.flat_map { |name, value| values(name, value).map { |one| [name, one] } }
      )
    end

    # Where a file's content begins; nil for what is none.
    def position(content)
      content.pos if content.respond_to?(:read) && content.respond_to?(:seek) && content.respond_to?(:pos)
    rescue SystemCallError, IOError # A pipe.
      nil
    end

    def body(content, start)
      return :BODY_NONE if content.nil? || content == ""

      content.is_a?(String) || start ? :BODY_REPLAYABLE : :BODY_ONE_SHOT
    end

    # Net::HTTP joins lines of one name; two Locations must not become one.
    def values(name, value)
      lines = Array(value)
      name.casecmp?("location") ? lines.flat_map { |line| line.split(%r{, (?=/|https?://)}i) } : lines
    end

    def after(sent, hop, chain, content)
      sent.dup.tap do |env|
        env.method = hop.next["method"].downcase.to_sym
        env.url = Chain.uri(hop.next.url)
        env.request_headers = ::Faraday::Utils::Headers.from(chain.next_fields(hop).to_h)
        env.body = content
        # A client's certificate is for the first origin.
        env.ssl = sent.ssl.dup.tap { |ssl| ssl.client_cert = ssl.client_key = nil } if chain.left && sent.ssl
      end
    end

    def told(response) = { status: response.status, headers: response.headers, body: response.body }
  end
end
