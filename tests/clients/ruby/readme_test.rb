# frozen_string_literal: true

# Every program of the README, as it stands, and what it says that it prints.

require "open3"
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
