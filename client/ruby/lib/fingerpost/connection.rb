# frozen_string_literal: true

require "grpc"
require "fingerpost/error"

module Fingerpost
  # One process's channel to the service.
  class Connection
    # Seconds that the first call waits for the connection, in addition to its own deadline, unless the connection fails first.
    FIRST = 1.0

    # `host:port` resolved by DNS, so that round-robin sees every address.
    def self.target(address) = address.include?("://") || address.start_with?("unix:", "ipv4:", "ipv6:") ? address : "dns:///#{address}"

    # gRPC's Ruby library refuses to work in a child of a process that it has worked in.
    def self.require_process
      return if (@process ||= Process.pid) == Process.pid

      raise Error.new("UNAVAILABLE", "gRPC had begun before this process was forked: ask in the child only")
    end

    # What gRPC raises, as Error: also its RuntimeError for such a child.
    def self.guarded
      yield
    rescue GRPC::BadStatus => e
      raise Error.of_status(e), cause: nil
    rescue Google::Protobuf::ParseError
      raise Error.malformed("it is no message"), cause: nil
    rescue GRPC::Core::CallError, RuntimeError => e
      raise if e.is_a?(FrozenError)

      raise Error.new("UNAVAILABLE", e.message), cause: nil
    end

    def initialize(address, transport, more = {})
      @target = Connection.target(address)
      @transport = transport
      @more = more
      @lock = Mutex.new
      @tried = false
    end

    # A stub on this channel.
    def stub(service)
      made = channel
      @lock.synchronize { (@stubs ||= {})[service] ||= service::Stub.new(@target, @transport.credentials, channel_override: made) }
    end

    # Asks with the first call's patience.
    def ask(service, method, request, seconds)
      Connection.guarded do
        patience, @tried = @tried ? 0.0 : FIRST, true
        stub(service).public_send(method, request, deadline: Time.now + seconds + patience)
      end
    end

    # Connects, for so many seconds at most.
    def connected?(seconds)
      deadline = Time.now + seconds
      until (state = channel.connectivity_state(true)) == GRPC::Core::ConnectivityStates::READY
        return false unless channel.watch_connectivity_state(state, deadline)
      end
      @tried = true
    end

    def close = @lock.synchronize { @channel&.close }

    private

    def channel
      Connection.require_process
      @lock.synchronize { @channel ||= GRPC::ClientStub.setup_channel(nil, @target, @transport.credentials, @transport.options(@more)) }
    end
  end
end
