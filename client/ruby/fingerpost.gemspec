# frozen_string_literal: true

require_relative "lib/fingerpost/version"

Gem::Specification.new do |gem|
  gem.name = "fingerpost"
  gem.version = Fingerpost::VERSION
  gem.summary = "The right HTTP redirect, and safe following, for Rack, Rails and Faraday"
  gem.description = "Asks the Fingerpost service, or its engine inside the process, what to send in a redirect's place and what to request next."
  gem.authors = ["Fingerpost"]
  gem.license = "Apache-2.0"
  gem.homepage = "https://github.com/fingerpost/fingerpost"
  gem.required_ruby_version = ">= 3.1"
  # The engine is a library for the machine that it was built on.
  gem.platform = Gem::Platform.local if File.exist?(File.join(__dir__, "lib/fingerpost/libfingerpost.so"))
  # `build` has put the stubs, the engine and the shared files beside the code.
  gem.files = Dir.chdir(__dir__) { Dir["lib/**/*", "licences/**/*", "README.md", "LICENSE"].select { |file| File.file?(file) } }
  gem.metadata = { "rubygems_mfa_required" => "true" }
  # What Debian 12 has, and what is tested. google/rpc comes from where gRPC has it, so nobody's protos clash.
  gem.add_runtime_dependency "googleapis-common-protos-types", "~> 1.4"
  gem.add_runtime_dependency "google-protobuf", ">= 3.21", "< 5"
  gem.add_runtime_dependency "grpc", "~> 1.51"
end
