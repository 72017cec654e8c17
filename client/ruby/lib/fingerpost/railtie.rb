# frozen_string_literal: true

require "rails/railtie"
require "fingerpost/client"

module Fingerpost
  # Rails: `config.fingerpost.address` and `.transport` in config/application.rb are enough.
  class Railtie < ::Rails::Railtie
    # What `config.fingerpost` has, in addition to the names that Client.new and Middleware.new know: `address`, `transport`; `client` instead of them.
    class Settings
      CLIENT = %i[engine selector policy_file on_error timeout on_fallback].freeze
      attr_accessor :address, :transport, :fields, :exempt, :trust_proxy, :rules, *CLIENT
      attr_writer :client

      def initialize
        @fields, @exempt, @trust_proxy, @rules = [], [], false, true
        @lock = Mutex.new
      end

      # One for the application, made on first use: servers fork.
      def client
        @client || @lock.synchronize { @client ||= Client.new(address || raise(ArgumentError, "config.fingerpost.address: expected HOST:PORT"), transport, **options) }
      end

      # How requests are read.
      def reader = @reader ||= Web::Reader.new(fields: fields, trust_proxy: trust_proxy)

      private

      def options = CLIENT.to_h { |name| [name, public_send(name)] }.compact
    end

    config.fingerpost = Settings.new
    config.action_dispatch.rescue_responses = { "Fingerpost::Unavailable" => :service_unavailable }

    initializer("fingerpost.logger", after: :initialize_logger) { Fingerpost.logger = ::Rails.logger }

    initializer("fingerpost.controllers") do
      ActiveSupport.on_load(:action_controller) do
        require "fingerpost/controller"
        include Fingerpost::Controller
      end
    end

    # Outside of Rails' own pages, error pages included, and inside of what refuses hosts and plain HTTP.
    initializer("fingerpost.middleware", after: :load_config_initializers) do |app|
      require "fingerpost/middleware"
      ours = app.config.fingerpost
      app.middleware.insert_before(
        ::Rack::Sendfile, Fingerpost::Middleware, -> { ours.client }, fields: ours.fields, exempt: ours.exempt, trust_proxy: ours.trust_proxy, rules: ours.rules
      )
    end
  end
end
