# frozen_string_literal: true

require "grpc"
require "fingerpost/version"

module Fingerpost
  # How the client reaches the service: `Fingerpost.tls` or `Fingerpost.plaintext`. gRPC's credentials are made in each process, on first use: its Ruby
  # library does not survive a fork once it has begun.
  Transport = Struct.new(:kind, :ca, :key, :certificate, :server_name, keyword_init: true) do
    def credentials = kind == :plaintext ? :this_channel_is_insecure : GRPC::Core::ChannelCredentials.new(ca, key, certificate)

    # Without the key.
    def inspect = "#<Fingerpost::Transport #{kind}>"
    alias_method :to_s, :inspect

    # Options of every channel: the shared service config, keepalive, who we are.
    def options(more = {})
      {
        "grpc.service_config" => Transport.service_config, "grpc.enable_retries" => 1, "grpc.primary_user_agent" => "fingerpost-ruby/#{VERSION}",
        # A name is resolved again at most once a second: gRPC's default of 30 s is longer than a rollout takes.
        "grpc.dns_min_time_between_resolutions_ms" => 1_000,
        # With gRPC's default of two minutes, a client would avoid a service long after its return.
        "grpc.max_reconnect_backoff_ms" => 5_000,
        # The service closes idle connections by its own clock; a ping each half minute keeps middleboxes from doing it first.
        "grpc.keepalive_time_ms" => 30_000, "grpc.keepalive_timeout_ms" => 5_000,
        **(server_name ? { "grpc.ssl_target_name_override" => server_name } : {}), **more
      }
    end
  end

  def Transport.service_config = @service_config ||= File.read(File.join(__dir__, "service_config.json")).freeze

  class << self
    # No encryption and no authentication: loopback, or inside a mesh that adds both.
    def plaintext = Transport.new(kind: :plaintext).freeze

    # TLS with gRPC's roots or those of `ca` (PEM), and with a client certificate: `key` and `certificate`, both or neither.
    def tls(ca: nil, key: nil, certificate: nil, server_name: nil)
      raise ArgumentError, "key and certificate belong together" unless key.nil? == certificate.nil?

      Transport.new(kind: :tls, ca: ca, key: key, certificate: certificate, server_name: server_name).freeze
    end
  end
end
