# Faraday with faraday-follow_redirects on Net::HTTP: reads a JSON request from each line, and prints how it ended. Its arguments are switches.

require 'faraday'
require 'faraday/follow_redirects'
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

$stdout.sync = true
client = Faraday.new(ssl: { ca_file: ENV.fetch('CA_FILE') }) do |builder|
  builder.response :follow_redirects, **ARGV.to_h { |name| [name.to_sym, true] }
  builder.adapter :net_http
end

puts JSON.generate(version: "#{Faraday::VERSION}, follow_redirects #{Faraday::FollowRedirects::VERSION}")
$stdin.each_line do |line|
  request = JSON.parse(line)
  body = request['one_shot'] ? Once.new(request['content']) : request['content']
  headers = request['headers'].to_h
  headers['Transfer-Encoding'] = 'chunked' if request['one_shot']
  response = client.run_request(request['method'].downcase.to_sym, request['url'], body, headers)
  puts JSON.generate(status: response.status)
rescue StandardError => e
  puts JSON.generate(error: "#{e.class}: #{e.message}".encode('UTF-8', invalid: :replace, undef: :replace))
end
