# The protocol of the Ruby drivers: a version, then for each request on a line the client's own result.

require 'json'

# A stream that cannot be rewound.
class Once
  def initialize(octets)
    @rest = octets
  end

  def read(length = nil, buffer = +'')
    taken = @rest.to_s
    @rest = nil
    return nil if taken.empty? && length

    buffer.replace(taken)
  end
end

# The block returns the final status; its exception is the client's error.
def serve(version)
  $stdout.sync = true
  puts JSON.generate(version: version)
  $stdin.each_line do |line|
    puts JSON.generate(status: yield(JSON.parse(line)))
  rescue StandardError, LoadError => e
    message = "#{e.class}: #{e.message}".dup.force_encoding('UTF-8').scrub
    puts JSON.generate(error: message)
  end
end
