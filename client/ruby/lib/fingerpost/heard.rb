# frozen_string_literal: true

require "logger"

module Fingerpost
  class << self
    # Where warnings go: by default standard error; in Rails its own logger.
    attr_writer :logger

    def logger = @logger ||= Logger.new($stderr, level: Logger::WARN, progname: "fingerpost")
  end

  # Lets one through in SECONDS. `clock` counts seconds and is replaced in tests.
  class Rate
    SECONDS = 10.0

    def initialize(clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      @clock = clock
      @lock = Mutex.new
      @next = -Float::INFINITY
      @waiting = 0
    end

    # How many there were since the last that was let through, this one included; 0 if this one is held back.
    def take
      @lock.synchronize do
        @waiting += 1
        now = @clock.call
        next 0 if now < @next

        @next = now + SECONDS
        @waiting.tap { @waiting = 0 }
      end
    end
  end

  # The log line and the hook of one client's fallbacks (client/README.md, "Outages are heard").
  class Heard
    def initialize(hook, rate = Rate.new)
      @hook = hook
      @rate = rate
    end

    # The service did not answer; the caller got a fallback.
    def fell_back(error)
      many = @rate.take
      Fingerpost.logger.warn("Fingerpost did not answer (#{error.message}); fallbacks since the last such line: #{many}") if many.positive?
      @hook&.call(error)
    rescue StandardError => e # Counting must not fail the request, whatever the hook raises.
      Fingerpost.logger.error("on_fallback failed: #{e.message} (#{e.class})")
    end
  end
end
