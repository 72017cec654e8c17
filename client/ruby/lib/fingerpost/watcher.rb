# frozen_string_literal: true

require "fingerpost/connection"
require "fingerpost/event"
require "fingerpost/heard"
require "fingerpost/policy"
require "fingerpost/v1/policy_service_services_pb"

module Fingerpost
  # Two threads of a process that answers inside: one is told of each policy, the other reports what was answered. No request waits for them.
  class Watcher
    # Seconds between two reports, give or take a fifth.
    REPORT_SECONDS = 10.0
    # Seconds before the stream is begun anew. gRPC's own pause, after a connection that failed, is as long at most: together 5.
    FIRST_PAUSE = 0.1
    LONGEST_PAUSE = 2.5
    # Seconds after which a stream that ends does not lengthen the pause.
    STEADY = 5.0
    # Seconds for the last report, and for the threads to end.
    LAST_WORD = 1.0
    OPTIONS = {
      "grpc.max_receive_message_length" => Held::LARGEST, "grpc.initial_reconnect_backoff_ms" => 100,
      "grpc.max_reconnect_backoff_ms" => (1000 * LONGEST_PAUSE).to_i
    }.freeze

    # The service has said which policy answers, or that it says nothing.
    attr_reader :told

    # Keeps `held` up to date over `connection`, which is its own.
    def initialize(held, connection, selector)
      @held = held
      @connection = connection
      @selector = selector
      @ended = Event.new
      @told = Event.new
      @lock = Mutex.new
      @threads = { watch: "policy", report_all: "usage" }.map do |work, name|
        Thread.new { send(work) }.tap do |thread|
          thread.name = "fingerpost-#{name}"
          thread.report_on_exception = false
        end
      end
    end

    # Ends both threads, after a last report, and waits so many seconds for them. A second time is no error.
    def end(seconds = 0.0)
      @ended.set
      @lock.synchronize { @stream&.cancel }
      until_then = now + seconds
      @threads.each { |thread| thread.join([until_then - now, 0.0].max) }
      @connection.close if seconds.positive?
    end

    private

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def watch
      pause = FIRST_PAUSE
      until @ended.set?
        began = now
        why = stream
        break if @ended.set?

        @held.leave(why)
        pause = now - began > STEADY ? FIRST_PAUSE : [2 * pause, LONGEST_PAUSE].min
        @ended.wait(pause * rand(0.8..1.2))
      end
    end

    # One stream to its end, and why it ended.
    def stream
      asked = V1::WatchPolicyRequest.new(selector: @selector, known_version: @held.version)
      Connection.guarded { begun(asked)&.each { |answer| come(answer) } }
      "no policy comes from the service: it ended the stream"
    rescue Error => e
      @told.set unless e.code == "UNAVAILABLE"
      "no policy comes from the service: #{e.message}"
    rescue StandardError => e # The policy of before goes on answering, whatever happens here.
      Fingerpost.logger.error("the policy's stream failed: #{e.full_message(highlight: false)}") unless @ended.set?
      "no policy comes from the service: #{e.message} (#{e.class})"
    end

    def begun(asked)
      operation = @connection.stub(V1::PolicyService).watch_policy(asked, return_op: true)
      @lock.synchronize { @stream = operation }
      operation.execute unless @ended.set?
    end

    def come(answer)
      @held.come(answer)
      @told.set
    end

    def report_all
      report(REPORT_SECONDS) until @ended.wait(REPORT_SECONDS * rand(0.8..1.2))
      report(LAST_WORD)
    end

    # What was answered since the last time. What a call that fails had taken is lost: counted too little rather than twice.
    def report(seconds)
      return unless @held.status.state == :READY

      @held.counted.each do |policy|
        octets = policy.take_usage
        next if octets.empty?

        usage = V1::ReportUsageRequest.decode(octets)
        usage.agent = "ruby/#{VERSION}"
        Connection.guarded { @connection.stub(V1::PolicyService).report_usage(usage, deadline: Time.now + seconds) }
      end
    rescue StandardError => e
      Fingerpost.logger.info("what was answered was not counted: #{e.message}")
    end
  end
end
