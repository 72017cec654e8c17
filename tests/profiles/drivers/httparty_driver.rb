# HTTParty with its defaults.

require 'httparty'
require_relative 'ruby_lines'

serve(HTTParty::VERSION) do |request|
  options = { headers: request['headers'].to_h, ssl_ca_file: ENV.fetch('CA_FILE'), timeout: 5 * ENV.fetch('PATIENCE').to_i }
  if request['one_shot']
    options[:body_stream] = Once.new(request['content'])
    options[:headers]['Transfer-Encoding'] = 'chunked'
  elsif request['content']
    options[:body] = request['content']
  end
  HTTParty.public_send(request['method'].downcase, request['url'], options).code
end
