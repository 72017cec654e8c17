# http.rb with .follow.

require 'http'
require_relative 'ruby_lines'

serve(HTTP::VERSION) do |request|
  context = OpenSSL::SSL::SSLContext.new
  context.set_params(ca_file: ENV.fetch('CA_FILE'))
  headers = HTTP::Headers.new
  request['headers'].each { |name, value| headers.add(name, value) }
  body = request['one_shot'] ? Once.new(request['content']) : request['content']
  HTTP.timeout(5 * ENV.fetch('PATIENCE').to_i).follow.request(request['method'].downcase.to_sym, request['url'], headers: headers, body: body, ssl_context: context).code
end
