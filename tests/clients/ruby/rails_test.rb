# frozen_string_literal: true

# Rails: the helper in controllers, the middleware, and the settings.

require "action_controller/railtie"
require "active_model"
require "fingerpost"
require_relative "support"

POLICY = <<~YAML
  rules:
    - id: blog
      match: {path_prefix: /blog}
      intent: {purpose: permanent_move, target: "/journal{rest}"}
    - id: beta
      match: {path_prefix: /pages, fields: [{name: X-Beta, equals: "1"}]}
      intent: {purpose: campaign, target: /beta}
  intents:
    order-placed:
      parameters: {id: {type: integer}}
      intent: {purpose: form_result, target: "/orders/{id}/confirmation", flash: {text: "Order {id} placed"}}
YAML

LOG = StringIO.new

class Site < Rails::Application
  config.load_defaults 6.1
  config.eager_load = true
  config.secret_key_base = "0" * 64
  config.logger = Logger.new(LOG)
  config.consider_all_requests_local = false
  config.hosts << "shop.example.com" << "a.test"
  config.fingerpost.client = Fingerpost::FakeClient.new(POLICY)
  config.fingerpost.fields = ["X-Beta"]
  config.fingerpost.exempt = ["/blog/exempt"]
end

Site.initialize!

Order = Struct.new(:id) do
  extend ActiveModel::Naming

  def to_model = self
  def to_param = id.to_s
  def persisted? = true
end

class PagesController < ActionController::Base
  protect_from_forgery
  skip_forgery_protection

  before_action { response.headers["X-Own"] = "yes" }

  def record = fingerpost.redirect(:form_result, Order.new(7), flash: "Order placed – grüße")
  def by_hash = fingerpost.redirect(:form_result, { action: :show, id: 7 })
  def moved = fingerpost.redirect(:temporary_move, "/elsewhere%2Fx")
  def far = fingerpost.redirect(:form_result, "https://evil.example/")
  def far_trusted = fingerpost.redirect(:form_result, "https://b.test/\u00fc", trust: :caller)
  def wrong = fingerpost.redirect(:form_result, "/x", pinned_status: 307)
  def gone = fingerpost.redirect(:gone)
  def named = fingerpost.named("order-placed", id: 7)
  def back = fingerpost.back(params[:next], { action: :show, id: 1 })
  def show = render(inline: "<%= fingerpost.flash %>")

  def cookie
    cookies[:own] = "1"
    fingerpost.redirect(:form_result, "/x", flash: "hello")
  end

  def plain = render(plain: "page")
end

Site.routes.draw do
  scope(controller: :pages) do
    get "orders/:id", action: :show, as: :order
    get "pages/plain", action: :plain
    %i[record by_hash moved far far_trusted wrong gone named back cookie].each { |action| match action.to_s, action: action, via: :all }
  end
end

WEB = Rack::MockRequest.new(Site)
SETTINGS = Rails.configuration.fingerpost

def ask(method, path, host: "shop.example.com", **more) = WEB.request(method, "https://#{host}#{path}", "HTTPS" => "on", "HTTP_HOST" => host, **more)

# With another client while the block runs.
def asking(client)
  before, SETTINGS.client = SETTINGS.client, client
  yield
ensure
  SETTINGS.client = before
end

test "Rails: an answer is written as it is, to the octet" do
  ours = Fingerpost::Rack.new(SETTINGS.client)
  { "/moved" => [:temporary_move, "/elsewhere%2Fx"], "/gone" => [:gone],
"/far_trusted" => [:form_result, "https://b.test/\u00fc", { trust: :caller }] }.each do |path, (purpose, target, more)|
    status, headers, body = ours.redirect(env("POST", "https://shop.example.com#{path}"), purpose, target || "", **(more || {}))
    page = ask("POST", path)
    equal([status, body.join], [page.status, page.body])
    names = headers.keys | %w[Location Cache-Control Content-Type ETag Vary Set-Cookie Refresh]
    equal(names.map { |name| headers[name] }, names.map { |name| page[name] })
  end
end

test "Rails: a record, its message, and the application's own fields and cookies" do
  placed = ask("POST", "/record")
  equal([303, "/orders/7", "no-store", "yes", "SAMEORIGIN"], [placed.status, *%w[Location Cache-Control X-Own X-Frame-Options].map { |name| placed[name] }])
  equal("__Host-flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax", placed["Set-Cookie"])
  page = ask("GET", "/orders/7", "HTTP_COOKIE" => "__Host-flash=Order%20%3Cb%3E")
  equal(["Order &lt;b&gt;", "__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"], [page.body, page["Set-Cookie"]])
  equal(["", nil], ask("GET", "/orders/7").then { |again| [again.body, again["Set-Cookie"]] })
  equal("/orders/7", ask("POST", "/by_hash")["Location"])
  equal(%w[__Host-flash=hello own=1], ask("POST", "/cookie")["Set-Cookie"].lines.map { |line| line.split(";").first }.sort)
  equal("/orders/7/confirmation", ask("POST", "/named")["Location"])
end

test "Rails: back is safe" do
  { "/cart?a=1" => "/cart?a=1", "//evil.example/" => "/orders/1", "/\xff" => "/orders/1", "" => "/orders/1" }.each do |to, location|
    equal([303, location], ask("GET", "/back?#{URI.encode_www_form(next: to)}").then { |page| [page.status, page["Location"]] }) if to.valid_encoding?
  end
end

test "Rails: its own 400 and 503, and the reason in its log" do
  equal([400, nil], ask("POST", "/far").then { |page| [page.status, page["Location"]] })
  equal(true, LOG.string.include?("refused: REFUSE"))
  asking(client(closed_port)) do
    equal([503, "5", false], ask("POST", "/far").then { |page| [page.status, page["Retry-After"], page.body.include?("UNAVAILABLE")] })
  end
  equal(true, LOG.string.include?("no answer: UNAVAILABLE"))
  # The program's own contradiction is not the visitor's fault.
  equal(500, ask("POST", "/wrong").status)
end

test "Rails: the policy's rules come first, and their fields are on every page" do
  equal([308, "/journal/tea"], ask("GET", "/blog/tea").then { |page| [page.status, page["Location"]] })
  equal([302, "/beta"], ask("GET", "/pages/plain", "HTTP_X_BETA" => "1").then { |page| [page.status, page["Location"]] })
  equal([200, "page", true], ask("GET", "/pages/plain").then { |page| [page.status, page.body, page["Vary"].include?("X-Beta")] })
  equal([404, true], ask("GET", "/pages/nowhere").then { |page| [page.status, page["Vary"].include?("X-Beta")] })
  equal([404, nil], ask("GET", "/blog/exempt/x").then { |page| [page.status, page["Vary"]] })
  before = SETTINGS.client.questions.size
  equal(403, ask("GET", "/pages/plain", host: "evil.test").status)
  equal(before, SETTINGS.client.questions.size)
end

test "Rails: a form that means another method is asked about as it came" do
  ask("POST", "/moved", params: { _method: "delete" })
  equal(%w[POST POST], SETTINGS.client.questions.last(2).map { |asked| asked.request["method"] })
end

test "Rails: the settings make the client" do
  settings = Fingerpost::Railtie::Settings.new
  raises(ArgumentError, ArgumentError) { settings.client }
  settings.address, settings.transport, settings.engine = closed_port, Fingerpost.plaintext, :local
  equal(:PASS, settings.client.decide(request: { method: "GET", url: "https://a.test/" }).outcome)
  equal(true, settings.client.equal?(settings.client))
end
