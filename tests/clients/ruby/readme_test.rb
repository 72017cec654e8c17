# frozen_string_literal: true

# Every program of the README, as it stands, and what it says that it prints; and its commands that install the gem.

require "open3"
require "tmpdir"
require_relative "support"

readme = File.read("#{ROOT}/client/ruby/README.md")
programs = readme.scan(/```ruby\n(.*?)```\n\nIt prints\n\n```text\n(.*?)```/m)
address = service

test("each program of the README prints something") { equal([readme.scan("```ruby\n").size, true], [programs.size, programs.size >= 5]) }
programs.each_with_index do |(code, printed), number|
  test "the README's program #{number + 1}" do
    # A busy machine needs longer than a visitor waits.
    patient = code.gsub("127.0.0.1:50051", address).sub("Fingerpost.plaintext)", "Fingerpost.plaintext, timeout: #{PATIENT})")
    out, _log, status = Open3.capture3("/usr/bin/ruby", "-e", patient)
    equal([printed, true], [out, status.success?])
  end
end

# The packages are there, because these tests need them, and the gem goes into a directory of its own instead of the system's.
test "the README's installation" do
  packages, *commands = readme[/```sh\n(sudo apt install .*?)```/m, 1].lines(chomp: true)
  missing = packages.split.drop(3).reject { |name| Open3.capture2e("dpkg-query", "-W", name)[1].success? }
  equal([], missing)
  Dir.mktmpdir do |room|
    script = commands.join(" && ").sub("sudo gem install", "/usr/bin/gem install --no-document --install-dir #{room}").gsub("build/clients/ruby/", "#{room}/built/")
    script = script.sub("client/ruby/build", "client/ruby/build #{room}/built")
    log, status = Open3.capture2e("sh", "-c", script, chdir: ROOT)
    raise log unless status.success?

    environment = { "GEM_PATH" => "#{room}:#{`/usr/bin/gem env gempath`.chomp}" }
    asked = "require 'fingerpost'; puts Gem.loaded_specs['fingerpost'].gem_dir; puts Fingerpost::Engine.load ? 'an engine' : 'none'"
    told, = Open3.capture2e(environment, "/usr/bin/ruby", "-e", asked)
    equal("#{room}/gems/fingerpost-#{Fingerpost::VERSION}-#{Gem::Platform.local}\nan engine\n", told)
  end
end
