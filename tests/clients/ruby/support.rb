# frozen_string_literal: true

# What the tests of the gem share. A test prints one line, as tests/run counts them.

require "fingerpost/rack"
require "fingerpost/testing"
require "net/http"
require "rack"
require "socket"
require "sqlite3"
require "stringio"
require "tmpdir"

ROOT = File.expand_path("../../..", __dir__)
BIN = ENV.fetch("FINGERPOST_BIN")
STARTED = []
# Seconds. Long, because the machine may be busy.
PATIENT = 20

def test(name)
  yield
  puts "ok ruby: #{name}"
rescue StandardError => e
  puts e.full_message(highlight: false), "not ok ruby: #{name}: #{e.message.lines.first}"
end

def equal(expected, got) = expected == got || raise("expected #{expected.inspect}, got #{got.inspect}")

def raises(code, kind = Fingerpost::Error)
  yield
rescue kind => e
  equal(code, kind <= Fingerpost::Error ? e.code : e.class)
  e
else
  raise "expected #{code}"
end

def soon(seconds = PATIENT)
  deadline = Time.now + seconds
  until (found = yield)
    raise "not within #{seconds} s" if Time.now > deadline

    sleep(0.01)
  end
  found
end

# A program that prints its address.
def start(*command, env: {})
  out, input = IO.pipe
  STARTED << spawn(env, *command, out: input, err: ENV["RUBY_TESTS_LOG"] || File::NULL)
  input.close
  Thread.new { out.each_line { nil } } if (address = out.gets.to_s[/listening on (\S+)/, 1])
  address || raise("#{command.join(" ")} did not start")
end

def service(policy = nil, *more)
  file = policy && File.join(Dir.mktmpdir("fingerpost"), "policy.yaml").tap { |path| File.write(path, policy) }
  start("#{BIN}/fingerpostd", "--listen", "127.0.0.1:0", *(file ? ["--policy", file] : []), *more)
end

# Port 1 is reserved (tcpmux), and nobody listens there.
def closed_port = "127.0.0.1:1"
def client(address, engine: :remote, timeout: PATIENT, **more) = Fingerpost::Client.new(address, Fingerpost.plaintext, engine: engine, timeout: timeout, **more)
def rack(address, **more) = Fingerpost::Rack.new(client(address, **more))
def env(method, url, **fields) = Rack::MockRequest.env_for(url, method: method, **fields)

# Lines of the gem's log while the block runs.
def logged
  lines = StringIO.new
  before, Fingerpost.logger = Fingerpost.logger, Logger.new(lines)
  yield
  lines.string
ensure
  Fingerpost.logger = before
end

def answer(outcome: :OUTCOME_REDIRECT, status: 303, headers: [%w[Location /x]], **more)
  lines = headers.map { |name, value| Fingerpost::V1::Header.new(name: name, value: value) }
  Fingerpost::V1::DecideResponse.new(outcome: outcome, status: status, headers: lines, **more)
end

# A service with given answers, one after the other; the last one is repeated.
def fake(*answers)
  calls = []
  lying = Class.new(Fingerpost::V1::RedirectService::Service) do
    define_method(:decide) do |request, _call|
      calls << request
      one = answers.size > 1 ? answers.shift : answers.first
      one.is_a?(Exception) ? raise(one) : one
    end
    alias_method :follow, :decide
  end
  [serve(lying.new), calls]
end

# The address of a gRPC server in this process.
def serve(handler)
  server = GRPC::RpcServer.new(pool_size: 4)
  port = server.add_http2_port("127.0.0.1:0", :this_port_is_insecure)
  server.handle(handler)
  Thread.new { server.run }
  server.wait_till_running
  "127.0.0.1:#{port}"
end

# An example shop in its own process.
class Shop
  attr_reader :url

  def initialize(file, service, folder, **more)
    @database = File.join(Dir.mktmpdir(nil, folder), "shop.sqlite")
    settings = { "FINGERPOST" => service, "PORT" => "0", "SHOP_DATABASE" => @database, **more.transform_keys(&:to_s) }
    @url = start("/usr/bin/ruby", "#{ROOT}/client/ruby/examples/#{file}", env: settings)
    @cookies = {}
  end

  def orders = SQLite3::Database.new(@database).execute("SELECT item FROM orders ORDER BY id").flatten

  # Follows like a browser: every step, and the last response.
  def visit(method, path, form = nil)
    steps = []
    loop do
      uri = URI.join(@url, path)
      response = ask(method, path, form)
      steps << "#{method} #{uri.path} #{response.code}"
      return [steps, response] unless response.is_a?(Net::HTTPRedirection)

      path = response["Location"]
      method, form = "GET", nil if response.code == "303"
    end
  end

  def ask(method, path, form = nil, fields = {})
    uri = URI.join(@url, path)
    request = Net::HTTPGenericRequest.new(method, !form.nil?, true, uri, "Cookie" => @cookies.map { |pair| pair.join("=") }.join("; "), **fields)
    if form
      form.is_a?(Hash) ? request.set_form_data(form) : request.body = form
    end
    response = Net::HTTP.start(uri.host, uri.port, nil) { |http| http.request(request) }
    response.get_fields("Set-Cookie")&.each { |line| keep(line) }
    response
  end

  private

  def keep(line)
    name, value = line.split(";").first.split("=", 2)
    line.include?("Max-Age=0") ? @cookies.delete(name) : @cookies[name] = value
  end
end

# gRPC ends a process with servers noisily.
at_exit do
  STARTED.each { |pid| Process.kill("KILL", pid) }
  $stdout.flush
  warn($!.full_message(highlight: false)) unless $!.nil? || $!.is_a?(SystemExit)
  exit!($!.nil? || ($!.is_a?(SystemExit) && $!.success?))
end
