# frozen_string_literal: true

require "fingerpost/page"
require "fingerpost/web"

module Fingerpost
  # Rack middleware: the policy's rules before every page. `use Fingerpost::Middleware, client, exempt: ["/assets"]`
  class Middleware
    # Set by a framework's helper: the answer that the framework writes.
    ANSWER = "fingerpost.answer"
    # Set by a framework's helper that has no answer: the framework's 503 gets Retry-After.
    UNAVAILABLE = "fingerpost.unavailable"
    # Fields that frameworks add to an answer.
    ADDED = %w[Cache-Control Content-Type ETag].freeze

    # The generic answers.
    def self.plain(status)
      text = "#{status == 503 ? Web::UNAVAILABLE : Web::REFUSED}\n"
      headers = { "Content-Type" => "text/plain", "Content-Length" => text.bytesize.to_s }
      headers["Retry-After"] = Web::RETRY_AFTER if status == 503
      [status, headers, [text]]
    end

    # `client`: a Client, or what returns one when called. `fields`: request fields that the rules look at. `exempt`: paths that the rules never see, with
    # everything below them. `trust_proxy`: Web::Reader. `rules`: whether to ask at all.
    def initialize(app, client, fields: [], exempt: [], trust_proxy: false, rules: true)
      @app = app
      @client = client.respond_to?(:call) ? client : -> { client }
      @exempt = exempt
      @rules = rules
      @reader = Web::Reader.new(fields: fields, trust_proxy: trust_proxy)
    end

    def call(env)
      begin
        decision = decide(env)
        return Web.response(decision) if decision&.must_send?
      rescue Error => e
        return Middleware.plain(Web.status_of(e))
      end
      page(env, decision ? decision.headers : [])
    end

    private

    # Nil: the page goes on as it is. Questions that the service finds wrong go on to the application.
    def decide(env)
      return nil unless @rules && @reader.may_match?(env, @exempt)

      @client.call.decide(@reader.question(env))
    rescue Error => e
      raise unless e.code == "INVALID_ARGUMENT"
    end

    def page(env, added)
      status, headers, body = @app.call(env)
      headers = as_answered(env[ANSWER], headers) if env[ANSWER]&.status == status
      headers = headers.dup if headers.frozen?
      headers["Retry-After"] = Web::RETRY_AFTER if env[UNAVAILABLE] && status == 503
      Page.add(headers, added)
      [status, headers, body]
    end

    # Without what the framework has added.
    def as_answered(answer, headers)
      theirs = ADDED.reject { |name| answer.header(name) }
      own = answer.headers.select { |name, _| ADDED.any? { |one| one.casecmp?(name) } }.to_h
      headers.to_h.reject { |name, _| (theirs + own.keys).any? { |one| one.casecmp?(name) } }.merge(own)
    end
  end
end
