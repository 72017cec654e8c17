# frozen_string_literal: true

# Following with Faraday, between real servers.

require "fingerpost/faraday"
require "tempfile"
require_relative "support"

# A web server: for each path its answer, [status, fields, content]. `seen` has the requests.
class Web
  attr_reader :seen, :url, :elsewhere

  def initialize(pages)
    @seen = []
    server = TCPServer.new("127.0.0.1", 0)
    @url, @elsewhere = %w[127.0.0.1 localhost].map { |host| "http://#{host}:#{server.addr[1]}" }
    Thread.new { loop { Thread.new(server.accept) { |socket| answer(socket, pages) } } }
  end

  private

  def answer(socket, pages)
    method, target = socket.gets.split
    fields = {}
    while (line = socket.gets.chomp) != ""
      name, value = line.split(": ", 2)
      fields[name.downcase] = value
    end
    @seen << [method, target, fields, socket.read(fields["content-length"].to_i)]
    status, more, content = pages.fetch(target.split("?").first, [200, [], "content of #{target}"])
    socket.write("HTTP/1.1 #{status} X\r\n", *more.map { |field| "#{field}\r\n" }, "Content-Length: #{content.to_s.bytesize}\r\nConnection: close\r\n\r\n", content.to_s)
    socket.close
  end
end

def to(location, status = 302, *more) = [status, ["Location: #{location}", *more]]

def following(asking = Fingerpost::FakeClient.new, url: nil, **options)
  Faraday.new(url) do |connection|
    connection.request :url_encoded
    connection.use Fingerpost::Following, asking, **options
    connection.adapter :net_http
  end
end

address = service

test "Faraday: a redirect is followed, by the engine and by the service" do
  [Fingerpost::FakeClient.new, client(address)].each do |asking|
    web = Web.new("/a" => to("/b?x=%20|y#part"), "/b" => to("c", 303))
    response = following(asking).get("#{web.url}/a")
    equal([200, "content of /c", %w[/a /b?x=%20%7Cy /c]], [response.status, response.body, web.seen.map { |_, target| target }])
    equal("#{web.url}/c#part", response.env.url.to_s)
  end
end

test "Faraday: methods and content as RFC 9110 has them" do
  web = Web.new("/303" => to("/x", 303), "/302" => to("/x", 302), "/307" => to("/x", 307), "/308" => to("/x", 308))
  { "/303" => ["GET", ""], "/302" => ["GET", ""], "/307" => ["POST", "a=1"], "/308" => ["POST", "a=1"] }.each do |path, sent|
    following.post("#{web.url}#{path}", a: 1)
    equal(sent, web.seen.last.values_at(0, 3))
    equal(sent.first == "GET", web.seen.last[2]["content-type"].nil?)
  end
  Tempfile.create do |file|
    file.write("skipped, sent")
    file.seek(9)
    following.put("#{web.url}/307", file, "Content-Length" => "4", "Content-Type" => "text/plain")
    equal(%w[PUT sent], web.seen.last.values_at(0, 3))
  end
end

test "Faraday: secrets stay on their origin" do
  web = Web.new("/in" => to("/x"))
  far = Web.new({})
  secrets = { "Authorization" => "s3cret", "Cookie" => "sid=s3cret", "X-Key" => "s3cret", "X-Open" => "open" }
  out = Web.new("/out" => to("#{far.url}/x"))
  recorded = Fingerpost::FakeClient.new
  following(recorded, secret_fields: ["X-Key"]).get("#{out.url}/out", nil, secrets)
  equal([nil, nil, nil, "open"], far.seen.last[2].values_at("authorization", "cookie", "x-key", "x-open"))
  following(recorded, secret_fields: ["X-Key"]).get("#{web.url}/in", nil, secrets)
  equal(%w[s3cret sid=s3cret s3cret], web.seen.last[2].values_at("authorization", "cookie", "x-key"))
  following(recorded, trusted_origins: [out.url, far.url]).get("#{out.url}/out", nil, secrets)
  equal("s3cret", far.seen.last[2]["authorization"])
  # A profile's own client takes them along; this adapter does not.
  following(recorded, profile: :urllib).get("#{out.url}/out", nil, secrets)
  equal(true, recorded.follow(recorded.questions.last).next.headers.any? { |line| line.name.casecmp?("authorization") })
  equal([nil, "open"], far.seen.last[2].values_at("authorization", "x-open"))
  # By the service: only their names travel.
  spied, calls = fake(Fingerpost::V1::FollowResponse.new(stop: { reason: :STOP_REASON_FINAL_RESPONSE }))
  following(client(spied), secret_fields: ["X-Key"]).get("#{web.url}/in", nil, secrets)
  equal([1, false], [calls.size, calls.first.to_proto.include?("s3cret")])
end

test "Faraday: what must not be followed is an error with its reason" do
  web = Web.new(
    "/loop" => to("/loop"), "/far" => to("/1"), **(1..9).to_h { |number| ["/#{number}", to("/#{number + 1}")] },
    "/two" => [302, ["Location: /a", "Location: /b"]], "/odd" => to("ftp://a.test/"), "/none" => [302, []], "/same" => [304, []],
    "/host" => to("http://#{"a" * 64}.test/"), "/login" => to("https://user:pass@b.test/")
  )
  stopped = ->(path, kind = Fingerpost::Stopped, **options) { raises(kind, kind) { following(**options).get("#{web.url}#{path}") } }
  equal(["LOOP", 302], stopped.call("/loop", Fingerpost::TooManyRedirects).then { |error| [error.hop.stop, error.response[:status]] })
  equal("LIMIT", stopped.call("/far", Fingerpost::TooManyRedirects, limit: 3).hop.stop)
  equal(%w[CONFLICTING_LOCATIONS SCHEME_NOT_ALLOWED INVALID_LOCATION USERINFO], %w[/two /odd /host /login].map { |path| stopped.call(path).hop.stop })
  equal([302, 304], %w[/none /same].map { |path| following.get("#{web.url}#{path}").status })
  equal(nil, stopped.call("/x", targets: { deny_private_addresses: true }).response)
  raises("INVALID_ARGUMENT") { following(profile: :nobody).get(web.url) }
end

test "Faraday: an outage leaves the engine's answer, and fails closed on request" do
  web = Web.new("/a" => to("/b"))
  equal(200, following(client(closed_port)).get("#{web.url}/a").status)
  raises("UNAVAILABLE") { following(client(closed_port, on_error: :raise)).get("#{web.url}/a") }
end
