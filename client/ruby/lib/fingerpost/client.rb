# frozen_string_literal: true

require "fingerpost/answers"
require "fingerpost/breaker"
require "fingerpost/connection"
require "fingerpost/fallback"
require "fingerpost/heard"
require "fingerpost/inside"
require "fingerpost/questions"
require "fingerpost/secrets"
require "fingerpost/transport"
require "fingerpost/v1/redirect_service_services_pb"

module Fingerpost
  # Asks a Fingerpost service, or its engine in this process. Threads may share it. It may be made before a fork: each process makes its own channels on
  # first use, and a child inherits the policy.
  class Client
    # Seconds, over all attempts: a web request waits for this.
    DECIDE_TIMEOUT = 0.1
    FOLLOW_TIMEOUT = 0.25
    # Seconds: clocks of gRPC and of other languages count no further than some 24 days.
    LONGEST_TIMEOUT = 24 * 24 * 3600.0

    # What a client has that no other process can.
    Own = Struct.new(:pid, :connection, :breaker)
    FORKED = Mutex.new
    CLIENTS = ObjectSpace::WeakMap.new
    private_constant :Own, :FORKED, :CLIENTS

    # `transport`: Fingerpost.tls or Fingerpost.plaintext. `engine`: :auto, :local or :remote. `selector`: { hosts:, intents: } that this process needs.
    # `policy_file`: where the last good policy is kept. `on_error`: :fallback or :raise. `timeout`: seconds of a question that travels, over all attempts.
    # `on_fallback`: called with the Error behind each fallback.
    def initialize(address, transport, engine: :auto, selector: nil, policy_file: nil, on_error: :fallback, timeout: nil, on_fallback: nil)
      raise ArgumentError, "transport: choose Fingerpost.tls or Fingerpost.plaintext" unless transport.is_a?(Transport)
      raise ArgumentError, "on_error: :fallback or :raise" unless %i[fallback raise].include?(on_error)
      raise ArgumentError, "engine: :auto, :local or :remote" unless %i[auto local remote].include?(engine)

      @address = address.dup.freeze
      @transport = transport
      @on_error = on_error
      @timeout = timeout && checked(timeout)
      @engine = engine
      @selector = Questions.message(V1::PolicySelector, selector || {})
      @policy_file = policy_file
      @heard = Heard.new(on_fallback)
      @inside = make_inside
      @own = make_own
      CLIENTS[self] = true
    end

    # What to send. The question is a V1::DecideRequest or a hash in its JSON form, `timeout` in seconds. Raises Error.
    def decide(question = nil, timeout: nil, **parts)
      request = Questions.message(V1::DecideRequest, question || parts)
      own = open_here
      begin
        answer = @inside.decide(request)
        return Answers.decision_of(answer, :ENGINE) if answer

        asked(own, :decide, request, seconds(timeout, DECIDE_TIMEOUT)) { |theirs| Answers.decision_of(theirs) }
      rescue Error => e
        may_fall_back(e)
        Fallback.decide(request, e, @inside.empty).tap { @heard.fell_back(e) }
      end
    end

    # What to request next. The question is a V1::FollowRequest or a hash in its JSON form, `timeout` in seconds. Raises Error.
    def follow(question = nil, timeout: nil, **parts)
      request = Questions.message(V1::FollowRequest, question || parts)
      own = open_here
      begin
        # By the engine nothing leaves the process, but it is asked as the service would be: a chain, which the service may be asked about later, has no
        # secret in it, and equal answers have equal octets.
        bare = Secrets.withheld(request)
        answer = @inside.follow(bare)
        return completed(request, answer, :ENGINE) if answer

        asked(own, :follow, bare, seconds(timeout, FOLLOW_TIMEOUT)) { |theirs| completed(request, theirs, :SERVICE) }
      rescue Error => e
        may_fall_back(e)
        @heard.fell_back(e)
        Fallback.follow(request, e, @inside.empty)
      end
    end

    # Connects, for `timeout` seconds at most, waits for the policy, and says whether there is a service to ask; with engine: :local, whether its policy has
    # come. After a fork, call it in the child.
    def ready(timeout = 10.0)
      until_then = Process.clock_gettime(Process::CLOCK_MONOTONIC) + timeout
      own = open_here
      begun = @inside.start
      return false if @inside.asks? && !Connection.guarded { own.connection.connected?(timeout) }

      begun&.told&.wait(until_then - Process.clock_gettime(Process::CLOCK_MONOTONIC))
      @inside.asks? || policy.state == :READY
    rescue Error
      false
    end

    # What this process knows of the policy: PolicyStatus.
    def policy
      here
      @inside.held.status
    end

    # The generated stub, for the RPCs that have no method here.
    def stub = open_here.connection.stub(V1::RedirectService)

    # Reports what was answered, and ends the channels. A second time is no error.
    def close
      @closed = true
      own = here
      @inside.end(Watcher::LAST_WORD)
      own.connection.close
    end

    def inspect = "#<#{self.class} #{@address} #{@engine}>"

    # At the end of a process: what was answered and not reported yet.
    def self.end_all = CLIENTS.each_key(&:last_word)

    # For end_all: not in a child that has not asked anything.
    def last_word = @own.pid == Process.pid && !@closed && close

    private

    def make_inside
      opener, why_not = Inside.found(@engine)
      held = Held.new(@selector, @engine == :remote ? nil : @policy_file, opener, why_not)
      Inside.new(@engine, opener, held) { Watcher.new(held, Connection.new(@address, @transport, Watcher::OPTIONS), @selector) }
    end

    def make_own = Own.new(Process.pid, Connection.new(@address, @transport), Breaker.new)

    def here = @own.pid == Process.pid ? @own : renewed

    # In the child of a fork, where the parent's channel is dead.
    def renewed
      FORKED.synchronize do
        next @own if @own.pid == Process.pid

        @inside.after_fork
        @own = make_own
      end
    end

    def open_here
      raise IOError, "the client is closed" if @closed

      here
    end

    # The service's answer. Raises Error.
    def asked(own, method, request, seconds)
      raise Error.new("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second") unless own.breaker.allows?

      answer = yield own.connection.ask(V1::RedirectService, method, request, seconds)
      own.breaker.answered
      answer
    rescue Error => e
      if e.answered? || e.code == "MALFORMED"
        own.breaker.answered
      elsif e.code != "BREAKER_OPEN"
        own.breaker.failed
      end
      raise
    end

    def completed(request, answer, source)
      Secrets.put_back(request, answer)
      Answers.hop_of(answer, source)
    end

    # Raises `error` if it says that the question is wrong, or if the caller wants it.
    def may_fall_back(error)
      raise error if error.answered? || @on_error == :raise
    end

    def seconds(of_the_call, default) = of_the_call ? checked(of_the_call) : @timeout || default

    def checked(timeout)
      raise ArgumentError, "timeout: a number of seconds" unless timeout.is_a?(Numeric) && !timeout.to_f.nan?

      timeout.to_f.clamp(0.0, LONGEST_TIMEOUT)
    end
  end

  at_exit { Client.end_all }
end
