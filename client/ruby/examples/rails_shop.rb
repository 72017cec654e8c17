# frozen_string_literal: true

# The example shop in Rails, in one file: `ruby client/ruby/examples/rails_shop.rb`, with the gem installed and the service on 127.0.0.1:50051.
# `fingerpost.redirect(:form_result, …)` is what `redirect_to …, status: :see_other` was.
#
# The shop has no sessions and no CSRF tokens, to keep the focus on the redirects.

require "action_controller/railtie"
require "fingerpost"
require "puma"
require "puma/server"
require "securerandom"
require_relative "orders"
require_relative "pages"

# What a project has in config/.
class Shop < Rails::Application
  config.load_defaults 6.1
  config.eager_load = true
  config.secret_key_base = SecureRandom.hex
  config.logger = Logger.new($stderr)
  config.log_level = :warn
  config.consider_all_requests_local = false
  config.action_controller.allow_forgery_protection = false

  config.fingerpost.address = ENV.fetch("FINGERPOST", "127.0.0.1:50051")
  config.fingerpost.transport = Fingerpost.plaintext
  # Seconds. A shop would rather wait for the right answer than have none.
  config.fingerpost.timeout = 10
  # A field that the policy's rules look at, besides those that are sent anyway.
  config.fingerpost.fields = ["X-Route"]

  config.orders = Orders.new(ENV.fetch("SHOP_DATABASE", "shop.sqlite"))
  config.anti_pattern = ENV["SHOP_ANTI_PATTERN"] == "1"
end

Shop.initialize!

# The orders: 303 to the confirmation, which shows the message once.
class OrdersController < ActionController::Base
  def index = render(html: Pages.orders(orders.all).html_safe)

  def create
    item = params[:item].to_s
    number = orders.place(item)
    return render(html: Pages.confirmation(number, item, "Order placed: #{item}").html_safe) if Rails.configuration.anti_pattern

    fingerpost.redirect(:form_result, confirmation_order_path(number), flash: "Order placed: #{item}")
  end

  def confirmation = render(html: Pages.confirmation(params[:id], orders.item_of(params[:id]), fingerpost.flash).html_safe)

  # Destroy: 303, so that the browser does not repeat the DELETE at the list.
  def destroy
    orders.destroy(params[:id])
    fingerpost.redirect(:form_result, orders_path)
  end

  private

  def orders = Rails.configuration.orders
end

# Everything that moved, or leads elsewhere.
class MovesController < ActionController::Base
  # Moved for a while (307) and for good (308): both keep the method and the content.
  def checkout = fingerpost.redirect(:temporary_move, orders_path)
  def cart = fingerpost.redirect(:permanent_move, orders_path)

  # The webhook: 307 keeps the event. Its sender is known to follow; most do not.
  def webhook = fingerpost.redirect(:reroute, v2_webhooks_path, redirect_capable: true)
  def webhook_v2 = render(plain: request.raw_post)

  # The campaign: 302.
  def spring_sale = fingerpost.redirect(:campaign, products_path(promo: "spring"))

  # A target that a visitor wrote need not be Unicode; Fingerpost says so.
  skip_parameter_encoding :go
  skip_parameter_encoding :back

  # Where the visitor wants to go: 303, or 400 where that is not safe.
  def go = fingerpost.redirect(:form_result, params[:next].to_s)

  # Back to where a login came from: 303, never elsewhere.
  def back = fingerpost.back(params[:next], orders_path)

  # The policy says where this leads.
  def thanks = fingerpost.named("order-placed", id: params[:id])
end

# The pages, and the OAuth login.
class PagesController < ActionController::Base
  def home = render(html: Pages.home(Rails.configuration.orders.all.last&.first.to_i).html_safe)
  def login_form = render(html: Pages.login(params[:redirect_uri] || registered.first, params[:state].to_s).html_safe)
  def callback = render(html: Pages.received(request.request_method, request.query_string, request.raw_post).html_safe)

  # 303, so that the password does not travel on.
  def login
    parameters = { code: SecureRandom.urlsafe_base64, state: params[:state].to_s }
    fingerpost.redirect(
      :authorization_response, params[:redirect_uri].to_s, redirect_uris: registered, response_parameters: parameters.map { |name, value| { name: name, value: value } }
    )
  end

  private

  # The redirect URIs that the OAuth client registered.
  def registered = %w[127.0.0.1 localhost].map { |host| "http://#{host}:#{request.server_port}/callback" }
end

# A page with fields of its own. Controllers would add `private` to its Cache-Control.
products = lambda do |env|
  promo = Rack::Request.new(env).GET["promo"]
  [200, { "Content-Type" => "text/html; charset=utf-8", "Vary" => "Accept-Language", "Cache-Control" => "max-age=60" }, [Pages.products(promo)]]
end

Shop.routes.draw do
  # Pages are HTML whatever Accept says, so they do not vary by it.
  defaults(format: :html) do
    root "pages#home"
    resources(:orders, only: %i[index create destroy]) { get :confirmation, on: :member }
    post "checkout", to: "moves#checkout"
    post "cart", to: "moves#cart"
    post "webhooks", to: "moves#webhook"
    post "v2/webhooks", to: "moves#webhook_v2"
    get "spring-sale", to: "moves#spring_sale"
    post "go", to: "moves#go"
    match "back", to: "moves#back", via: %i[get post]
    post "thanks/:id", to: "moves#thanks"
    get "login", to: "pages#login_form"
    post "login", to: "pages#login"
    match "callback", to: "pages#callback", via: %i[get post]
    get "products", to: products
  end
end

server = Puma::Server.new(Shop)
listener = server.add_tcp_listener("127.0.0.1", ENV.fetch("PORT", "8000").to_i)
server.run
$stdout.sync = true
puts "listening on http://127.0.0.1:#{listener.addr[1]}"
sleep
