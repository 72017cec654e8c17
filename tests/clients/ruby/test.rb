# frozen_string_literal: true

# The Rack example against the real service, without it, and against a lying one. Prints one line for each test, as tests/run counts them.

require "net/http"
require "open3"
require "rack"
require "socket"
require "stringio"
require "sqlite3"
require "tmpdir"
require_relative "../../../client/ruby/fingerpost"

ROOT = File.expand_path("../../..", __dir__)
BIN = ENV.fetch("FINGERPOST_BIN")
STARTED = []
at_exit { STARTED.each { |pid| Process.kill("KILL", pid) } }

def test(name)
  yield
  puts "ok ruby: #{name}"
rescue StandardError => e
  puts e.full_message(highlight: false), "not ok ruby: #{name}: #{e.message.lines.first}"
end

def equal(expected, got) = expected == got || raise("expected #{expected.inspect}, got #{got.inspect}")

def raises(code)
  yield
rescue Fingerpost::Error => e
  equal(code, e.code)
  e
else
  raise "expected #{code}"
end

# A program that prints its address.
def start(*command, env: {})
  out, input = IO.pipe
  STARTED << spawn(env, *command, out: input, err: File::NULL)
  input.close
  out.gets.to_s[/listening on (\S+)/, 1] || raise("#{command.join(" ")} did not start")
end

def service = start("#{BIN}/fingerpostd", "--listen", "127.0.0.1:0")
# Port 1 is reserved (tcpmux), and nobody listens there.
def closed_port = "127.0.0.1:1"
# Long timeouts, because the machine may be busy.
def rack(address, timeout: 20) = Fingerpost::Rack.new(address, :this_channel_is_insecure, timeout: timeout)
def env(method, url, **fields) = Rack::MockRequest.env_for(url, method: method, **fields)

# The example shop in its own process.
class Shop
  attr_reader :url

  def initialize(service, folder, **more)
    @database = File.join(Dir.mktmpdir(nil, folder), "shop.sqlite")
    settings = { "FINGERPOST" => service, "PORT" => "0", "SHOP_DATABASE" => @database, **more.transform_keys(&:to_s) }
    @url = start("/usr/bin/ruby", "#{ROOT}/client/ruby/examples/rack_shop.rb", env: settings)
    @cookies = {}
  end

  def orders = SQLite3::Database.new(@database).execute("SELECT item FROM orders ORDER BY id").flatten

  # Follows like a browser: every step, and the last response.
  def visit(method, path, form = nil)
    steps = []
    loop do
      uri = URI.join(@url, path)
      request = Net::HTTPGenericRequest.new(method, !form.nil?, true, uri, "Cookie" => @cookies.map { |pair| pair.join("=") }.join("; "))
      form.is_a?(Hash) ? request.set_form_data(form) : request.body = form if form
      response = Net::HTTP.start(uri.host, uri.port, nil) { |http| http.request(request) }
      response.get_fields("Set-Cookie")&.each { |line| keep(line) }
      steps << "#{method} #{uri.path} #{response.code}"
      return [steps, response] unless response.is_a?(Net::HTTPRedirection)

      path = response["Location"]
      method, form = "GET", nil if response.code == "303"
    end
  end

  private

  def keep(line)
    name, value = line.split(";").first.split("=", 2)
    line.include?("Max-Age=0") ? @cookies.delete(name) : @cookies[name] = value
  end
end

def answer(outcome: :OUTCOME_REDIRECT, status: 303, headers: [%w[Location /x]])
  lines = headers.map { |name, value| Fingerpost::V1::Header.new(name: name, value: value) }
  Fingerpost::V1::DecideResponse.new(outcome: outcome, status: status, headers: lines)
end

# A service with given answers, one after the other.
def fake(*answers)
  calls = []
  lying = Class.new(Fingerpost::V1::RedirectService::Service) do
    define_method(:decide) do |request, _call|
      calls << request
      one = answers.size > 1 ? answers.shift : answers.first
      one.is_a?(Exception) ? raise(one) : one
    end
  end
  server = GRPC::RpcServer.new(pool_size: 2)
  port = server.add_http2_port("127.0.0.1:0", :this_port_is_insecure)
  server.handle(lying.new)
  Thread.new { server.run }
  server.wait_till_running
  ["127.0.0.1:#{port}", calls]
end

# Before this process has a channel: gRPC's threads do not survive a fork.
test "servers may fork before the first call" do
  address = service
  forking = rack(address)
  children = 2.times.map { fork { exit!(forking.redirect(env("POST", "http://a.test/orders"), :form_result, "/x").first == 303 ? 0 : 1) } }
  equal([0, 0], children.map { |pid| Process.wait2(pid).last.exitstatus })
end

Dir.mktmpdir do |folder|
  address = service

  test "a script that swaps pages gets its own form" do
    ours = rack(address)
    asked = ->(fields, target = "/x", **more) { ours.redirect(env("POST", "http://a.test/orders", **fields), :form_result, target, **more) }
    status, headers, = asked.({ "HTTP_HX_REQUEST" => "true" })
    equal([200, "/x", nil], [status, headers["hx-redirect"] || headers["HX-Redirect"], headers["location"] || headers["Location"]])
    equal(303, asked.({ "HTTP_HX_REQUEST" => "true", "HTTP_HX_BOOSTED" => "true" }).first)
    status, headers, = asked.({ "HTTP_X_INERTIA" => "true" }, "http://b.test/x", trust: :TRUST_CALLER)
    equal([409, "http://b.test/x"], [status, headers["x-inertia-location"] || headers["X-Inertia-Location"]])
  end

  test "an order is placed once, its message shown once, and destroyed" do
    shop = Shop.new(address, folder)
    steps, page = shop.visit("POST", "/orders", { "item" => "tea & <b> – grüße" })
    equal(["POST /orders 303", "GET /orders/1/confirmation 200"], steps)
    equal(true, page.body.force_encoding("UTF-8").include?('<p id="flash">Order placed: tea &amp; &lt;b&gt; – grüße</p>'))
    equal(false, shop.visit("GET", "/orders/1/confirmation").last.body.include?('id="flash"'))
    equal(["tea & <b> – grüße"], shop.orders)
    equal(["DELETE /orders/1 303", "GET /orders 200"], shop.visit("DELETE", "/orders/1").first)
    equal([], shop.orders)
  end

  test "a move and a webhook keep the method and the content" do
    shop = Shop.new(address, folder)
    equal(["POST /checkout 307", "POST /orders 303", "GET /orders/1/confirmation 200"], shop.visit("POST", "/checkout", { "item" => "coffee" }).first)
    equal(["POST /cart 308", "POST /orders 303", "GET /orders/2/confirmation 200"], shop.visit("POST", "/cart", { "item" => "cocoa" }).first)
    equal(%w[coffee cocoa], shop.orders)
    steps, delivered = shop.visit("POST", "/webhooks", '{"event": "paid"}')
    equal([["POST /webhooks 307", "POST /v2/webhooks 200"], '{"event": "paid"}'], [steps, delivered.body])
  end

  test "a campaign, and the OAuth hop without the password" do
    shop = Shop.new(address, folder)
    equal(["GET /spring-sale 302", "GET /products 200"], shop.visit("GET", "/spring-sale").first)
    login = { "redirect_uri" => "#{shop.url}/callback", "state" => "s1", "password" => "s3cret" }
    steps, page = shop.visit("POST", "/login", login)
    equal(["POST /login 303", "GET /callback 200"], steps)
    equal([true, false], [page.body.include?("state=s1"), page.body.include?("s3cret")])
    equal(["POST /login 400"], shop.visit("POST", "/login", { **login, "redirect_uri" => "https://evil.example/" }).first)
  end

  test "the anti-pattern orders again" do
    shop = Shop.new(address, folder, SHOP_ANTI_PATTERN: "1")
    2.times { equal(["POST /orders 200"], shop.visit("POST", "/orders", { "item" => "tea" }).first) }
    equal(%w[tea tea], shop.orders)
  end

  test "an outage still places the order" do
    shop = Shop.new(closed_port, folder)
    steps, page = shop.visit("POST", "/orders", { "item" => "tea" })
    equal(["POST /orders 303", "GET /orders/1/confirmation 200"], steps)
    equal(true, page.body.include?('id="flash"'))
  end

  test "an outage gives the service's own answer, or the error" do
    up, down = rack(address), rack(closed_port)
    [
      ["POST", :form_result, "/x?y", {}], ["POST", :form_result, "/x", { flash: "hello" }], ["POST", :form_result, "/x", { pinned_status: 303 }],
      ["GET", :temporary_move, "/x", {}], ["POST", :reroute, "/x", { redirect_capable: true }], ["GET", :campaign, "/x?a#b", {}],
      ["GET", :permanent_move, "https://a.test/", { trust: :TRUST_CALLER }], ["GET", :canonical_url, "/z", {}], ["GET", :https_upgrade, "", {}],
      ["POST", :login_required, "/login", {}], ["GET", :gone, "", {}], ["POST", :resource_created, "/things/1", {}], ["POST", :form_result, "/x?y", {}],
      ["POST", :form_result, "/#{"a" * 7000}", {}]
    ].each do |method, purpose, target, more|
      asked = ->(whom) { whom.redirect(env(method, "http://a.test/x?y"), purpose, target, **more) }
      equal(asked.(up), asked.(down))
    end
    old = ->(whom) { whom.redirect(env("POST", "http://a.test/").merge("SERVER_PROTOCOL" => "HTTP/1.0"), :form_result, "/x") }
    equal(old.(up), old.(down))
    # A policy could allow these, and no policy could allow the others.
    ["//evil.test", "/\\evil.test", "https://a.test/"].each { |target| raises("UNAVAILABLE") { down.redirect(env("POST", "http://b.test/"), :form_result, target) } }
    raises("UNAVAILABLE") { down.redirect(env("GET", "http://a.test/x?y"), :form_result, "/x?y") }
    ["", "/a\r\nX: y", "/a\n"].each { |target| raises("INVALID_ARGUMENT") { down.redirect(env("POST", "http://a.test/"), :form_result, target) } }
  end

  test "an unsafe wish is a 400, an outage a 503, and neither says why" do
    { rack(address) => 400, rack(closed_port) => 503 }.each do |asked, wanted|
      log = StringIO.new
      said = asked.answer(env("POST", "http://a.test/").merge("rack.errors" => log), :form_result, "https://evil.example/")
      equal([wanted, wanted == 503 ? "5" : nil, false, true], [said[0], said[1]["Retry-After"], said[2].join.match?(/evil|UNAVAILABLE|trust/), log.string.start_with?("fingerpost: ")])
    end
    # The program's own contradiction is not the visitor's fault.
    raises("REFUSE") { rack(address).answer(env("POST", "http://a.test/"), :form_result, "/x", pinned_status: 307) }
    raises("REFUSE") { rack(address).answer(env("GET", "http://a.test/"), :permanent_move, "/x", flash: "hello") }
    raises("NOT_FOUND") { rack(fake(GRPC::NotFound.new("no")).first).answer(env("POST", "http://a.test/"), :form_result, "/x") }
  end

  test "the path is asked as it was sent" do
    there, calls = fake(answer)
    [
      ["/a%2Fb?q=%20", "/a/b", "q=%20", "/a%2Fb?q=%20"], ["/a%252Fb", "/a%2Fb", "", "/a%252Fb"], ["/blog/100%25", "/blog/100%25", "", "/blog/100%25"],
      ["https://evil.example/x", "/x", "", "/x"], ["/other", "/x", "", "/x"], [nil, "/a?b#c d", "", "/a%3Fb%23c%20d"], [nil, "/\u00fc", "", "/%C3%BC"]
    ].each do |raw, path, query, asked|
      rack(there).redirect(env("POST", "https://a.test/").merge("REQUEST_URI" => raw, "PATH_INFO" => path, "QUERY_STRING" => query), :form_result, "/x")
      equal("https://a.test#{asked}", calls.last.request.url)
    end
  end

  test "back is safe with and without the service" do
    [rack(address), rack(closed_port)].each do |asked|
      { "/cart?a=1" => "/cart?a=1", "//evil.example/" => "/home", "/a\nb" => "/home", nil => "/home", "" => "/home" }.each do |asked_for, location|
        equal([303, location], asked.back(env("POST", "https://a.test/login"), asked_for, "/home").then { |status, headers, _| [status, headers["Location"]] })
      end
    end
  end

  test "details that cannot be read are no details" do
    lying = rack(fake(GRPC::BadStatus.new(GRPC::Core::StatusCodes::INVALID_ARGUMENT, "no", { "grpc-status-details-bin" => "\xff\xff" })).first)
    equal([], raises("INVALID_ARGUMENT") { lying.redirect(env("POST", "http://a.test/"), :form_result, "/x") }.violations)
  end

  test "a slow service costs no more than the deadline" do
    TCPServer.open("127.0.0.1", 0) do |silent| # Accepts and never says a word.
      equal(303, rack("127.0.0.1:#{silent.addr[1]}", timeout: 0.05).redirect(env("POST", "http://a.test/"), :form_result, "/x").first)
    end
  end

  test "a wrong question names every field, an unsafe wish is refused" do
    asking = rack(address)
    error = raises("INVALID_ARGUMENT") { asking.redirect(env("POST", "ftp://a.test/").merge("REQUEST_METHOD" => "PO ST"), :form_result, "/\u0001") }
    equal(%w[request.method intent.target], error.violations.map(&:first) & %w[request.method intent.target])
    raises("REFUSE") { asking.redirect(env("POST", "http://a.test/"), :form_result, "https://evil.example/") }
  end

  test "what a hostile service says is never written" do
    [
      answer(headers: [["Location", "/x\r\nSet-Cookie: a=b"]]), answer(headers: [["Location", "/x\nY: z"]]), answer(headers: [["Location", "/x\0"]]),
      answer(headers: [["Loca tion", "/x"]]), answer(headers: [%w[Location /x], ["X\r\nY", "z"]]), answer(headers: [%w[Location /x], %w[location /y]]),
      answer(headers: []), answer(headers: [["Location", ""]]), answer(status: 200), answer(status: 0), answer(outcome: :OUTCOME_RESPOND)
    ].each do |hostile|
      lying = rack(fake(hostile).first)
      status, headers, = lying.redirect(env("POST", "http://a.test/"), :form_result, "/orders/1")
      equal([303, "/orders/1", "no-store", nil], [status, *headers.values_at("Location", "Cache-Control", "Set-Cookie")])
      raises("MALFORMED") { lying.redirect(env("POST", "http://a.test/"), :form_result, "//b.test") }
    end
  end

  test "an allow-list of fields is sent" do
    address_of_one, calls = fake(answer)
    secrets = { "HTTP_AUTHORIZATION" => "s3cret", "HTTP_COOKIE" => "sid=s3cret", "HTTP_X_API_KEY" => "s3cret", "HTTP_ACCEPT" => "text/html" }
    rack(address_of_one).redirect(env("POST", "http://a.test/o?q=1", **secrets), :form_result, "/x")
    equal(false, calls.first.to_proto.include?("s3cret"))
    equal([%w[ACCEPT text/html]], calls.first.request.headers.map { |line| [line.name, line.value] })
    equal("http://a.test/o?q=1", calls.first.request.url)
  end

  readme = File.read("#{ROOT}/client/ruby/README.md")
  blocks = readme.scan(/```ruby\n(.*?)```\n\nIt prints\n\n```text\n(.*?)```/m)
  test("the README has a block that prints") { equal(1, blocks.size) }
  blocks.each do |code, printed|
    test "the README's block" do
      patient = code.sub("127.0.0.1:50051", address).sub(":this_channel_is_insecure)", ":this_channel_is_insecure, timeout: 20)")
      out, status = Open3.capture2e("/usr/bin/ruby", "-e", patient, chdir: ROOT)
      equal([printed, true], [out, status.success?])
    end
  end

  test "the README's controller" do
    controller = Class.new do
      attr_accessor :status, :response_body
      attr_reader :fingerpost

      def initialize(fingerpost) = @fingerpost = fingerpost
      # As in Rails: existing fields stay.
      def response = @response ||= Struct.new(:headers).new({ "X-Frame-Options" => "SAMEORIGIN" })
      def request = Struct.new(:env).new(env("POST", "https://shop.example.com/orders"))
      def confirmation_path(_order) = "/orders/7829/confirmation"
    end
    controller.class_eval(readme[/```rb\n(.*?)```/m, 1])
    placed = controller.new(rack(address))
    placed.create
    equal([303, "/orders/7829/confirmation", "SAMEORIGIN"], [placed.status, *placed.response.headers.values_at("Location", "X-Frame-Options")])
    equal([true, true], [placed.response.headers["Set-Cookie"].start_with?("__Host-flash="), placed.response_body.respond_to?(:each)])
  end
end

# gRPC ends a process with servers noisily.
STARTED.each { |pid| Process.kill("KILL", pid) }
$stdout.flush
exit!(0)
