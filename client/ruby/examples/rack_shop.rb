# frozen_string_literal: true

# The example shop in plain Rack: `ruby client/ruby/examples/rack_shop.rb`, with the gem installed and the service on 127.0.0.1:50051.
#
# The shop has no sessions and no CSRF tokens, to keep the focus on the redirects.

require "fingerpost/rack"
require "puma"
require "puma/server"
require "rack"
require "securerandom"
require_relative "orders"
require_relative "pages"

# Which method and path lead where.
class Shop
  ROUTES = {
    "GET /" => :home, "GET /orders" => :index, "POST /orders" => :create, "GET /orders/:id/confirmation" => :confirmation, "DELETE /orders/:id" => :destroy,
    "POST /checkout" => :checkout, "POST /cart" => :cart, "POST /webhooks" => :webhook, "POST /v2/webhooks" => :webhook_v2,
    "GET /spring-sale" => :spring_sale, "GET /products" => :products, "POST /go" => :go, "GET /back" => :back, "POST /back" => :back,
    "POST /thanks/:id" => :thanks, "GET /login" => :login_form, "POST /login" => :login,
    "GET /callback" => :callback, "POST /callback" => :callback
  }.transform_keys { |route| /\A#{route.gsub(":id", "(?<id>\\\\d+)")}\z/ }.freeze

  def initialize(fingerpost, orders, anti_pattern:)
    @fingerpost = fingerpost
    @orders = orders
    @anti_pattern = anti_pattern
  end

  def call(env)
    pattern, action = ROUTES.find { |route, _| route.match?("#{env["REQUEST_METHOD"]} #{env["PATH_INFO"]}") }
    return [404, { "Content-Type" => "text/plain" }, ["Not found"]] unless action

    number = "#{env["REQUEST_METHOD"]} #{env["PATH_INFO"]}".match(pattern).named_captures["id"]
    send(action, Rack::Request.new(env), number.to_i)
  end

  private

  def home(_request, _number) = html(Pages.home(@orders.all.last&.first.to_i))
  def index(_request, _number) = html(Pages.orders(@orders.all))

  # The order: 303 to its confirmation, which shows the message once.
  def create(request, _number)
    item = request.POST["item"]
    number = @orders.place(item)
    return html(Pages.confirmation(number, item, "Order placed: #{item}")) if @anti_pattern

    @fingerpost.redirect(request.env, :form_result, "/orders/#{number}/confirmation", flash: "Order placed: #{item}")
  end

  def confirmation(request, number)
    headers = {}
    message = @fingerpost.flash(request.env, headers)
    html(Pages.confirmation(number, @orders.item_of(number), message), headers)
  end

  # Destroy: 303, so that the browser does not repeat the DELETE at the list.
  def destroy(request, number)
    @orders.destroy(number)
    @fingerpost.redirect(request.env, :form_result, "/orders")
  end

  # Moved for a while (307) and for good (308): both keep the method and the content.
  def checkout(request, _number) = @fingerpost.redirect(request.env, :temporary_move, "/orders")
  def cart(request, _number) = @fingerpost.redirect(request.env, :permanent_move, "/orders")

  # The webhook: 307 keeps the event. Its sender is known to follow; most do not.
  def webhook(request, _number) = @fingerpost.redirect(request.env, :reroute, "/v2/webhooks", redirect_capable: true)
  def webhook_v2(request, _number) = [200, { "Content-Type" => "text/plain" }, [request.body.read]]

  # The campaign: 302.
  def spring_sale(request, _number) = @fingerpost.redirect(request.env, :campaign, "/products?promo=spring")
  def products(request, _number) = html(Pages.products(request.GET["promo"].to_s), "Vary" => "Accept-Language", "Cache-Control" => "max-age=60")

  # Where the visitor wants to go: 303, or 400 where that is not safe.
  def go(request, _number) = @fingerpost.redirect(request.env, :form_result, request.GET["next"].to_s)

  # Back to where a login came from: 303, never elsewhere.
  def back(request, _number) = @fingerpost.back(request.env, request.GET["next"], "/orders")

  # The policy says where this leads.
  def thanks(request, number) = @fingerpost.named(request.env, "order-placed", id: number)

  def login_form(request, _number)
    html(Pages.login(request.GET["redirect_uri"] || registered(request).first, request.GET["state"].to_s))
  end

  # The OAuth login: 303, so that the password does not travel on.
  def login(request, _number)
    parameters = { "code" => SecureRandom.urlsafe_base64, "state" => request.POST["state"].to_s }
    @fingerpost.redirect(
      request.env, :authorization_response, request.POST["redirect_uri"].to_s, redirect_uris: registered(request),
      response_parameters: parameters.map { |name, value| { name: name, value: value } }
    )
  end

  def callback(request, _number) = html(Pages.received(request.request_method, request.query_string, request.body.read))

  # The redirect URIs that the OAuth client registered.
  def registered(request) = %w[127.0.0.1 localhost].map { |host| "http://#{host}:#{request.env["SERVER_PORT"]}/callback" }

  def html(page, headers = {}) = [200, { "Content-Type" => "text/html; charset=utf-8", **headers }, [page]]
end

# Seconds. A shop would rather wait for the right answer than have none.
client = Fingerpost::Client.new(ENV.fetch("FINGERPOST", "127.0.0.1:50051"), Fingerpost.plaintext, timeout: 10)
# A field that the policy's rules look at, besides those that are sent anyway.
fields = ["X-Route"]
shop = Shop.new(Fingerpost::Rack.new(client, fields: fields), Orders.new(ENV.fetch("SHOP_DATABASE", "shop.sqlite")), anti_pattern: ENV["SHOP_ANTI_PATTERN"] == "1")
server = Puma::Server.new(Fingerpost::Middleware.new(shop, client, fields: fields))
listener = server.add_tcp_listener("127.0.0.1", ENV.fetch("PORT", "8000").to_i)
server.run
$stdout.sync = true
puts "listening on http://127.0.0.1:#{listener.addr[1]}"
sleep
