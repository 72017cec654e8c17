# frozen_string_literal: true

require "fiddle"
require "fingerpost/error"

module Fingerpost
  # The engine: the service's own answers inside this process (service/engine/fingerpost.h), octets in and octets out.
  class Engine
    # Of the interface that this package was written for.
    ABI = 2
    LIBRARY = File.join(__dir__, "libfingerpost.so").freeze
    OK, ERROR, TOO_SMALL = 0, 1, 2
    # Octets that hold nearly every answer.
    ROOM = 4096
    # A larger buffer is not kept for the next answer.
    KEPT_ROOM = 1 << 16
    LOADING = Mutex.new
    private_constant :LOADING

    # A buffer for an answer. Addresses, because Fiddle passes numbers at once.
    Room = Struct.new(:buffer, :capacity, :size) do
      def self.of(capacity) = new(Fiddle::Pointer.malloc(capacity, Fiddle::RUBY_FREE), capacity, Fiddle::Pointer.malloc(Fiddle::SIZEOF_SIZE_T, Fiddle::RUBY_FREE))
      def arguments = @arguments ||= [buffer.to_i, capacity, size.to_i].freeze
      def written = size[0, Fiddle::SIZEOF_SIZE_T].unpack1("J")
      def octets = buffer[0, written]
    end
    private_constant :Room

    # The engine of this process. Raises EngineError, also the next time.
    def self.load(path = LIBRARY)
      LOADING.synchronize { (@loaded ||= {})[path] ||= new(path) }
    end

    def initialize(path)
      raise EngineError, "this package was built without the engine (client/ruby/README.md, Install)" unless File.exist?(path)
      raise EngineError, "#{path} is not a whole library" unless Engine.whole?(path)

      @library = Fiddle.dlopen(path)
      abi = function("abi", []).call
      raise EngineError, "#{path} has ABI #{abi}, and this package needs #{ABI}: install an engine and a package of the same version" unless abi == ABI

      find_functions
      @rooms = []
    rescue Fiddle::DLError, SystemCallError => e
      raise EngineError, "#{path} is no engine for this machine: #{e.message}"
    end

    # An open policy, from the octets of a V1::Policy. `version` defaults to the one that the service wrote into them. Raises Error.
    def open(octets, version = "")
      raise Error.new("INVALID_ARGUMENT", "version: expected 1 to 64 visible ASCII characters", "INVALID_FIELDS") unless version.match?(/\A[\x20-\x7e]*\z/)

      opened(@open, octets, octets.bytesize, version.empty? ? nil : version)
    end

    # From YAML or JSON.
    def open_text(text) = opened(@open_text, text, text.bytesize)

    # From a file of YAML or JSON.
    def open_file(path)
      raise Error.new("INVALID_ARGUMENT", "expected a path without NUL", "INVALID_FIELDS") if path.to_s.include?("\0")

      opened(@open_file, path.to_s)
    end

    # What the function writes. Raises Error.
    def call(function, *arguments)
      room = @rooms.pop || Room.of(ROOM) # Of this call alone, whatever thread asks meanwhile.
      room = Room.of(room.written) while (status = function.call(*arguments, *room.arguments)) == TOO_SMALL
      octets = room.octets
      @rooms.push(room) if room.capacity <= KEPT_ROOM
      return octets if status == OK

      raise status == ERROR ? error_of(octets) : Error.new("INTERNAL", "the engine returned #{status}")
    end

    attr_reader :decide, :follow, :take_usage

    def version_of(handle) = @policy_version.call(handle).to_s
    def closer = @close

    # Whether the file has all that its header promises: to load a part of it may end the process.
    def self.whole?(path)
      header = File.binread(path, 64).to_s
      return false unless header.bytesize == 64 && header.start_with?("\x7fELF\x02".b)

      sections, entry, count = header.getbyte(5) == 1 ? [*header.unpack("@40Q<"), *header.unpack("@58S<S<")] : [*header.unpack("@40Q>"), *header.unpack("@58S>S>")]
      File.size(path) >= sections + (entry * count)
    end

    private

    # Questions take microseconds, so they keep the interpreter's lock: no other thread is inside the engine when this one forks. A policy takes longer to open.
    def find_functions
      pointer, size, number = Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T, Fiddle::TYPE_UINTPTR_T
      out = [number, size, number]
      @decide = function("decide", [number, pointer, size, *out], need_gvl: true)
      @follow = function("follow", [number, pointer, size, *out], need_gvl: true)
      @take_usage = function("take_usage", [number, *out], need_gvl: true)
      @open = function("open", [pointer, size, pointer, pointer, *out])
      @open_text = function("open_text", [pointer, size, pointer, *out])
      @open_file = function("open_file", [pointer, pointer, *out])
      @policy_version = function("policy_version", [number], pointer)
      @close = function("close", [number], Fiddle::TYPE_VOID, need_gvl: true)
    end

    def function(name, arguments, result = Fiddle::TYPE_INT, need_gvl: false)
      Fiddle::Function.new(@library["fingerpost_#{name}"], arguments, result, need_gvl: need_gvl)
    end

    def opened(function, *arguments)
      handle = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
      call(function, *arguments, handle)
      Policy.new(self, handle[0, Fiddle::SIZEOF_VOIDP].unpack1("J"))
    end

    def error_of(octets)
      Error.of_message(V1::Error.decode(octets))
    rescue Google::Protobuf::ParseError
      Error.new("INTERNAL", "the engine's error cannot be read")
    end

    # An open policy. Threads may share it; it ends with its last reference.
    class Policy
      attr_reader :version

      def self.closing(close, handle) = proc { close.call(handle) }

      def initialize(engine, handle)
        @engine = engine
        @handle = handle
        @version = engine.version_of(handle)
        ObjectSpace.define_finalizer(self, Policy.closing(engine.closer, handle))
      end

      # From the octets of a DecideRequest to those of a DecideResponse. Raises Error.
      def decide(question) = @engine.call(@engine.decide, @handle, question, question.bytesize)

      # From the octets of a FollowRequest to those of a FollowResponse. Raises Error.
      def follow(question) = @engine.call(@engine.follow, @handle, question, question.bytesize)

      # What was answered since the last time: the octets of a ReportUsageRequest, or none.
      def take_usage = @engine.call(@engine.take_usage, @handle)
    end
  end
end
