# frozen_string_literal: true

# The right HTTP redirect, and safe following, from the Fingerpost service or its engine in this process.
#
#   client = Fingerpost::Client.new("127.0.0.1:50051", Fingerpost.plaintext)
#   client.decide(request: { method: "POST", url: "https://shop.example.com/orders" }, intent: { purpose: :form_result, target: "/orders/7" })
#
# What every client promises is in client/README.md.
module Fingerpost
  # Where the generated stubs are.
  module V1; end
end

require "fingerpost/version"
require "fingerpost/client"
require "fingerpost/railtie" if defined?(Rails::Railtie)
