# frozen_string_literal: true

require "fingerpost/policy"
require "fingerpost/questions"
require "fingerpost/watcher"

module Fingerpost
  # What a client answers inside its process, by the policy that it has there.
  class Inside
    WARNED = {} # rubocop:disable Style/MutableConstant -- each reason is said once.
    private_constant :WARNED

    attr_reader :held

    # The engine, or why there is none, which is said once. Raises EngineError for a client that cannot do without.
    def self.found(where)
      [Engine.load, nil]
    rescue EngineError => e
      raise if where == :local

      Fingerpost.logger.warn("no answer is made in this process: #{e.message}") unless WARNED[e.message]
      WARNED[e.message] = true
      [nil, e.message]
    end

    # The block makes the watcher that keeps `held` up to date, or nil.
    def initialize(where, engine, held, &watch)
      @where = where
      @engine = engine
      @held = held
      @watch = watch
      @answers = !engine.nil? && where != :remote
      @lock = Mutex.new
    end

    # What cannot be answered here is the service's.
    def asks? = @where != :local

    # Begins to watch, where that is of use.
    def start
      return @watcher if @watcher || !@answers || @ended

      @lock.synchronize { @watcher ||= @watch.call unless @ended }
    rescue ThreadError => e # The system has no threads left.
      Fingerpost.logger.warn("the policy is not watched: #{e.message}")
      nil
    end

    # Ends what start began, and waits so many seconds for it.
    def end(seconds)
      @ended = true
      @watcher&.end(seconds)
    end

    # In the child, which has the policy and the parent's counts, but no other thread.
    def after_fork
      @lock = Mutex.new
      @watcher = nil
      @held.forget_counts
      @held.leave("this process has forked and asked nothing since") unless @where == :remote || @watch.nil?
    end

    # The answer by this process's policy. Nil: the service is to be asked. Raises Error.
    def decide(question)
      return nil unless @answers

      policy = @held.policy
      start
      return left(["there is no policy yet", *@held.status.problems].join("; ")) unless policy

      answered { V1::DecideResponse.decode(policy.decide(Inside.decide_octets(question))) }
    end

    # The answer, which depends on no policy. Nil: the service is to be asked. Raises Error.
    def follow(question)
      return nil unless @answers

      start
      answered { V1::FollowResponse.decode((@held.policy || empty).follow(Inside.follow_octets(question))) }
    end

    # What answers without any policy, whoever may be asked otherwise.
    def empty = @empty ||= @engine&.open("")

    class << self
      # With the clock and the chance that the service would add.
      def decide_octets(question)
        added = V1::DecideRequest.new
        added.now = now unless question.now
        added.draw = rand(2**32) unless question.has_draw?
        V1::DecideRequest.encode(question) + V1::DecideRequest.encode(added)
      end

      # With the clock that the service would add.
      def follow_octets(question)
        added = V1::FollowRequest.new
        added.now = now unless question.now
        V1::FollowRequest.encode(question) + V1::FollowRequest.encode(added)
      end

      private

      def now
        time = Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)
        Google::Protobuf::Timestamp.new(seconds: time / 1_000_000_000, nanos: time % 1_000_000_000)
      end
    end

    private

    def answered
      yield
    rescue Error => e
      raise if e.answered? && e.reason != "NOT_IMPLEMENTED"

      left(e.text)
    end

    # To the service. Where nobody is to be asked, that is an outage.
    def left(why)
      raise Error.new("UNAVAILABLE", why, "NOT_IMPLEMENTED") unless asks?
    end
  end
end
