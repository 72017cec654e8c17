# frozen_string_literal: true

require "fiddle"

module Fingerpost
  # The engine (service/engine/fingerpost.h) under no policy: what the service would answer without one.
  class Engine
    ABI = 2
    OK = 0
    TOO_SMALL = 2
    # The first that is there.
    PLACES = [ENV.fetch("FINGERPOST_ENGINE", nil), *%w[engine lib].map { |folder| File.expand_path("../../build/#{folder}/libfingerpost.so", __dir__) }].compact.freeze

    # Nil without a library of this ABI.
    def self.find
      path = PLACES.find { |place| File.exist?(place) }
      path && new(path)
    rescue Fiddle::DLError
      nil
    end

    def initialize(path)
      @library = Fiddle.dlopen(path)
      raise Fiddle::DLError, "#{path} has another ABI than #{ABI}" unless function("fingerpost_abi", []).call == ABI

      pointer, size = Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T
      @decide = function("fingerpost_decide", [pointer, pointer, size, pointer, size, pointer])
      policy = [0].pack("J")
      opened, error = fill { |*room| function("fingerpost_open", [pointer, size, pointer, pointer, pointer, size, pointer]).call(nil, 0, nil, policy, *room) }
      raise Fiddle::DLError, error unless opened

      @policy = policy.unpack1("J")
    end

    # Whether there is an answer, and its octets, or those of the error.
    def decide(question) = fill { |*room| @decide.call(@policy, question, question.bytesize, *room) }

    private

    def function(name, arguments) = Fiddle::Function.new(@library[name], arguments, Fiddle::TYPE_INT)

    # Calls the block with a buffer, again with a larger one if it asks for that.
    def fill(capacity = 4096)
      buffer = "\0".b * capacity
      size = [0].pack("J")
      status = yield(buffer, capacity, size)
      written = size.unpack1("J")
      return fill(written) { |*room| yield(*room) } if status == TOO_SMALL

      [status == OK, buffer.byteslice(0, written)]
    end
  end
end
