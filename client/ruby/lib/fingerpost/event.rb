# frozen_string_literal: true

module Fingerpost
  # Happens once; threads wait for it.
  class Event
    def initialize
      @lock = Mutex.new
      @condition = ConditionVariable.new
      @set = false
    end

    def set? = @set

    def set
      @lock.synchronize do
        @set = true
        @condition.broadcast
      end
    end

    # Whether it has happened, after so many seconds at most.
    def wait(seconds)
      until_then = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
      @lock.synchronize do
        until @set
          left = until_then - Process.clock_gettime(Process::CLOCK_MONOTONIC)
          break unless left.positive?

          @condition.wait(@lock, left)
        end
        @set
      end
    end
  end
end
