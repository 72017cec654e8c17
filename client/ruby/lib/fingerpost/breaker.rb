# frozen_string_literal: true

module Fingerpost
  # An outage costs a request microseconds, not its deadline (client/README.md). Thread-safe. `clock` counts seconds and is replaced in tests.
  class Breaker
    FAILURES_TO_OPEN = 5
    OPEN_SECONDS = 1.0
    JITTER = 0.2

    def initialize(clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      @clock = clock
      @lock = Mutex.new
      @failures = 0
      @closed_again = 0.0
    end

    # Whether the next call may be made; while open, one call is let through each second.
    def allows?
      @lock.synchronize do
        next true if @failures < FAILURES_TO_OPEN

        now = @clock.call
        next false if now < @closed_again

        open(now) # This call is the probe; the others wait for what it learns.
        true
      end
    end

    # The service answered, even if with an error about the question.
    def answered = @lock.synchronize { @failures = 0 }

    def failed
      @lock.synchronize do
        @failures += 1
        open(@clock.call) if @failures >= FAILURES_TO_OPEN
      end
    end

    private

    def open(now) = @closed_again = now + (OPEN_SECONDS * (1 + (JITTER * rand)))
  end
end
