# Faraday with faraday-follow_redirects on Net::HTTP. Its arguments are switches.

require 'faraday'
require 'faraday/follow_redirects'
require_relative 'ruby_lines'

client = Faraday.new(ssl: { ca_file: ENV.fetch('CA_FILE') }) do |builder|
  builder.response :follow_redirects, **ARGV.to_h { |name| [name.to_sym, true] }
  builder.adapter :net_http
end

serve("#{Faraday::VERSION}, follow_redirects #{Faraday::FollowRedirects::VERSION}") do |request|
  body = request['one_shot'] ? Once.new(request['content']) : request['content']
  headers = request['headers'].to_h
  headers['Transfer-Encoding'] = 'chunked' if request['one_shot']
  client.run_request(request['method'].downcase.to_sym, request['url'], body, headers).status
end
