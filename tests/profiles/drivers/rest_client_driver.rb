# rest-client with its defaults.

require 'rest-client'
require_relative 'ruby_lines'

serve(RestClient::VERSION) do |request|
  RestClient::Request.execute(
    method: request['method'].downcase,
    url: request['url'],
    headers: request['headers'].to_h,
    payload: request['content'],
    ssl_ca_file: ENV.fetch('CA_FILE'),
    timeout: 5 * ENV.fetch('PATIENCE').to_i
  ).code
rescue RestClient::ExceptionWithResponse => e
  # A redirect that it does not follow is an exception that has the response.
  raise unless e.response

  e.response.code
end
