# frozen_string_literal: true

# The helper for Rack, against the real service, without it, and against a lying one.

require_relative "support"

address = service

test "a script that swaps pages gets its own form" do
  ours = rack(address)
  asked = ->(fields, target = "/x", **more) { ours.redirect(env("POST", "http://a.test/orders", **fields), :form_result, target, **more) }
  status, headers, = asked.call({ "HTTP_HX_REQUEST" => "true" })
  equal([200, "/x", nil], [status, headers["hx-redirect"] || headers["HX-Redirect"], headers["location"] || headers["Location"]])
  equal(303, asked.call({ "HTTP_HX_REQUEST" => "true", "HTTP_HX_BOOSTED" => "true" }).first)
  status, headers, = asked.call({ "HTTP_X_INERTIA" => "true" }, "http://b.test/x", trust: :TRUST_CALLER)
  equal([409, "http://b.test/x"], [status, headers["x-inertia-location"] || headers["X-Inertia-Location"]])
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
    equal(asked.call(up), asked.call(down))
  end
  old = ->(whom) { whom.redirect(env("POST", "http://a.test/").merge("SERVER_PROTOCOL" => "HTTP/1.0"), :form_result, "/x") }
  equal(old.call(up), old.call(down))
  # A policy could allow these, and no policy could allow the others.
  ["//evil.test", "/\\evil.test", "https://a.test/"].each { |target| equal(503, down.redirect(env("POST", "http://b.test/"), :form_result, target).first) }
  equal(503, down.redirect(env("GET", "http://a.test/x?y"), :form_result, "/x?y").first)
  ["", "/a\r\nX: y", "/a\n", "/\xff"].each { |target| equal(400, down.redirect(env("POST", "http://a.test/"), :form_result, target).first) }
end

test "an unsafe wish is a 400, an outage a 503, and neither says why" do
  { rack(address) => 400, rack(closed_port) => 503 }.each do |asked, wanted|
    said = nil
    log = logged { said = asked.redirect(env("POST", "http://a.test/"), :form_result, "https://evil.example/") }
    equal([wanted, wanted == 503 ? "5" : nil, false], [said[0], said[1]["Retry-After"], said[2].join.match?(/evil|UNAVAILABLE|trust/)])
    equal(true, log.match?(wanted == 503 ? /no answer: UNAVAILABLE/ : /refused: REFUSE/))
  end
  # The program's own contradiction is not the visitor's fault.
  raises("REFUSE") { rack(address).redirect(env("POST", "http://a.test/"), :form_result, "/x", pinned_status: 307) }
  raises("REFUSE") { rack(address).redirect(env("GET", "http://a.test/"), :permanent_move, "/x", flash: "hello") }
  raises("NOT_FOUND") { rack(fake(GRPC::NotFound.new("no")).first).redirect(env("POST", "http://a.test/"), :form_result, "/x") }
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

test "what a hostile service says is never written" do
  [
    answer(headers: [["Location", "/x\r\nSet-Cookie: a=b"]]), answer(headers: [["Location", "/x\nY: z"]]), answer(headers: [["Location", "/x\0"]]),
    answer(headers: [["Loca tion", "/x"]]), answer(headers: [%w[Location /x], ["X\r\nY", "z"]]), answer(headers: [%w[Location /x], %w[location /y]]),
    answer(headers: []), answer(headers: [["Location", ""]]), answer(status: 200), answer(status: 0), answer(outcome: :OUTCOME_RESPOND)
  ].each do |hostile|
    lying = rack(fake(hostile).first)
    status, headers, = lying.redirect(env("POST", "http://a.test/"), :form_result, "/orders/1")
    equal([303, "/orders/1", "no-store", nil], [status, *headers.values_at("Location", "Cache-Control", "Set-Cookie")])
    equal(503, lying.redirect(env("POST", "http://a.test/"), :form_result, "//b.test").first)
  end
end

test "an allow-list of fields is sent" do
  address_of_one, calls = fake(answer)
  secrets = { "HTTP_AUTHORIZATION" => "s3cret", "HTTP_COOKIE" => "sid=s3cret", "HTTP_X_API_KEY" => "s3cret", "HTTP_ACCEPT" => "text/html" }
  rack(address_of_one).redirect(env("POST", "http://a.test/o?q=1", **secrets), :form_result, "/x")
  equal(false, calls.first.to_proto.include?("s3cret"))
  equal([%w[Accept text/html]], calls.first.request.headers.map { |line| [line.name, line.value] })
  equal("http://a.test/o?q=1", calls.first.request.url)
end

POLICY = <<~YAML
  rules:
    - id: blog
      match: {path_prefix: /blog}
      intent: {purpose: permanent_move, target: "/journal{rest}"}
    - id: beta
      match: {path: /page, fields: [{name: X-Beta, equals: "1"}]}
      intent: {purpose: campaign, target: /beta}
  intents:
    order-placed:
      parameters: {id: {type: integer}}
      intent: {purpose: form_result, target: "/orders/{id}/confirmation", flash: {text: "Order {id} placed"}}
YAML

# A page behind the middleware, and the client that it asks.
def behind(fields = {}, status: 200, asking: Fingerpost::FakeClient.new(POLICY), **more)
  app = Fingerpost::Middleware.new(->(_) { [status, { "Content-Type" => "text/plain", **fields }, ["page"]] }, asking, **more)
  [Rack::MockRequest.new(app), asking]
end

test "the policy's rules come before the page" do
  web, asking = behind
  moved = web.get("https://a.test/blog/tea%2Fcup?q=1", "REQUEST_URI" => "/blog/tea%2Fcup?q=1")
  equal([308, "/journal/tea%2Fcup?q=1", true], [moved.status, moved["Location"], moved.body.include?("308 Permanent Redirect")])
  equal([200, "page", nil], web.get("https://a.test/page").then { |page| [page.status, page.body, page["Location"]] })
  equal(2, asking.questions.size)
end

test "what no rule may see is not asked" do
  web, asking = behind(exempt: ["/static", "/health/"])
  ["/static", "/static/x.css", "/health/", "/health/live"].each { |path| equal("page", web.get("https://a.test#{path}").body) }
  equal("page", web.request("TRACE", "https://a.test/blog").body)
  equal("page", web.options("https://a.test/blog", "HTTP_ACCESS_CONTROL_REQUEST_METHOD" => "POST").body)
  equal("page", web.get("/blog", "HTTP_HOST" => "").body)
  equal([], asking.questions)
  ["/staticx", "/static/../blog", "/static/%2e%2E/blog"].each { |path| web.get("https://a.test#{path}", "REQUEST_URI" => path) }
  equal(3, asking.questions.size)
end

test "a proxy is trusted only where the program says so" do
  forwarded = { "HTTP_X_FORWARDED_PROTO" => "https", "HTTP_X_FORWARDED_HOST" => "evil.test", "rack.url_scheme" => "https" }
  web, asking = behind
  said = logged { web.get("http://a.test/page", **forwarded) }
  equal(["http://a.test/page", true], [asking.questions.last.request.url, said.include?("X-Forwarded-Proto")])
  web, asking = behind(trust_proxy: true)
  web.get("http://a.test/page", **forwarded)
  equal("https://evil.test/page", asking.questions.last.request.url)
  web.get("https://a.test/page", "HTTPS" => "on")
  equal("https://a.test/page", asking.questions.last.request.url)
end

test "fields that the rules look at are sent by name" do
  web, = behind(fields: ["X-Beta"])
  beta = web.get("https://a.test/page", "HTTP_X_BETA" => "1")
  equal([302, "/beta", true], [beta.status, beta["Location"], beta["Vary"].to_s.include?("X-Beta")])
  passed = web.get("https://a.test/page")
  equal([200, "X-Beta"], [passed.status, passed["Vary"]])
  equal(200, behind.first.get("https://a.test/page", "HTTP_X_BETA" => "1").status)
end

test "an answer's fields are merged into the page's own" do
  added = [%w[Vary Accept,Origin], %w[Cache-Control private], %w[Set-Cookie a=1], %w[Set-Cookie b=2]]
  there, = fake(answer(outcome: :OUTCOME_PASS, status: 0, headers: added))
  own = { "vary" => "accept", "Cache-Control" => "public, max-age=60", "Set-Cookie" => "own=1" }.freeze
  web, = behind(own, status: 404, asking: client(there))
  page = web.get("https://a.test/page")
  equal([404, "accept, Origin", "max-age=60, private", "own=1\na=1\nb=2"], [page.status, page["vary"], page["Cache-Control"], page["Set-Cookie"]])
end

test "an outage serves the page, and fails closed on request" do
  web, = behind(asking: client(closed_port))
  equal([200, "page"], web.get("https://a.test/blog").then { |page| [page.status, page.body] })
  web, = behind(asking: client(closed_port, on_error: :raise))
  equal([503, "5", false], web.get("https://a.test/blog").then { |page| [page.status, page["Retry-After"], page.body.include?("UNAVAILABLE")] })
  equal(200, behind.first.get("http://a.test/blog", "HTTP_HOST" => "[").status)
end

test "a named intent, and its message once" do
  ours = Fingerpost::Rack.new(Fingerpost::FakeClient.new(POLICY))
  status, headers, = ours.named(env("POST", "https://a.test/orders"), "order-placed", id: 7)
  equal([303, "/orders/7/confirmation"], [status, headers["Location"]])
  page = {}
  equal("Order 7 placed", ours.flash(env("GET", "https://a.test/", "HTTP_COOKIE" => "x=y; #{headers["Set-Cookie"].split(";").first}"), page))
  equal("__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax", page["Set-Cookie"])
  equal(["", {}], [ours.flash(env("GET", "https://a.test/"), none = {}), none])
  raises("NOT_FOUND") { ours.named(env("POST", "https://a.test/"), "unheard-of") }
end
