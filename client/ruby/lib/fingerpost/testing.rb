# frozen_string_literal: true

require "pathname"
require "fingerpost/client"

module Fingerpost
  # For your own tests: no server, no network. It can stand in for any Client: the engine with a policy of your own, so its answers are the service's.
  #
  #   require "fingerpost/testing"
  #   Fingerpost::FakeClient.new("rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]")
  class FakeClient < Client
    # The questions that were asked, in order.
    def questions = @inside.questions

    # The error that every call meets while it is set: Fingerpost::Error.new("UNAVAILABLE", "down") is an outage.
    def error = @inside.error

    def error=(error)
      @inside.error = error
    end

    # `policy`: YAML or JSON, or the Pathname of such a file. Raises Error for a policy that is none, EngineError without an engine.
    def initialize(policy = "", on_error: :fallback)
      @given = policy
      super("fake", Fingerpost.plaintext, engine: :local, on_error: on_error)
    end

    # A fake is always there.
    def ready(_timeout = 10.0) = true

    # Without a watcher, and with a memory.
    class Inside < Fingerpost::Inside
      attr_reader :questions
      attr_accessor :error

      def initialize(given)
        engine = Engine.load
        held = Held.new(V1::PolicySelector.new, nil, engine)
        given = "{}" if given == ""
        held.give(given.is_a?(Pathname) ? engine.open_file(given) : engine.open_text(given))
        super(:local, engine, held) { nil }
        @questions = []
      end

      def decide(question) = meets(question) { super }
      def follow(question) = meets(question) { super }
      def after_fork = nil

      private

      def meets(question)
        @questions << question
        raise @error if @error

        yield
      end
    end
    private_constant :Inside

    private

    def make_inside = FakeClient.const_get(:Inside).new(@given)
  end
end
