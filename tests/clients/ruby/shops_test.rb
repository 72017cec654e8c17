# frozen_string_literal: true

# The example shops, as a browser would visit them.

require_relative "support"

folder = Dir.mktmpdir("fingerpost")
address = service

{ "Rack" => "rack_shop.rb", "Rails" => "rails_shop.rb" }.each do |name, file|
  test "#{name}: an order is placed once, its message shown once, and destroyed" do
    shop = Shop.new(file, address, folder)
    steps, page = shop.visit("POST", "/orders", { "item" => "tea & <b> – grüße" })
    equal(["POST /orders 303", "GET /orders/1/confirmation 200"], steps)
    equal(true, page.body.force_encoding("UTF-8").include?('<p id="flash">Order placed: tea &amp; &lt;b&gt; – grüße</p>'))
    equal(false, shop.visit("GET", "/orders/1/confirmation").last.body.include?('id="flash"'))
    equal(["tea & <b> – grüße"], shop.orders)
    equal(["DELETE /orders/1 303", "GET /orders 200"], shop.visit("DELETE", "/orders/1").first)
    equal([], shop.orders)
  end

  test "#{name}: a move and a webhook keep the method and the content" do
    shop = Shop.new(file, address, folder)
    equal(["POST /checkout 307", "POST /orders 303", "GET /orders/1/confirmation 200"], shop.visit("POST", "/checkout", { "item" => "coffee" }).first)
    equal(["POST /cart 308", "POST /orders 303", "GET /orders/2/confirmation 200"], shop.visit("POST", "/cart", { "item" => "cocoa" }).first)
    equal(%w[coffee cocoa], shop.orders)
    steps, delivered = shop.visit("POST", "/webhooks", '{"event": "paid"}')
    equal([["POST /webhooks 307", "POST /v2/webhooks 200"], '{"event": "paid"}'], [steps, delivered.body])
  end

  test "#{name}: a campaign, and the OAuth hop without the password" do
    shop = Shop.new(file, address, folder)
    equal(["GET /spring-sale 302", "GET /products 200"], shop.visit("GET", "/spring-sale").first)
    login = { "redirect_uri" => "#{shop.url}/callback", "state" => "s1", "password" => "s3cret" }
    steps, page = shop.visit("POST", "/login", login)
    equal(["POST /login 303", "GET /callback 200"], steps)
    equal([true, false], [page.body.include?("state=s1"), page.body.include?("s3cret")])
    equal(["POST /login 400"], shop.visit("POST", "/login", { **login, "redirect_uri" => "https://evil.example/" }).first)
  end

  test "#{name}: the anti-pattern orders again" do
    shop = Shop.new(file, address, folder, SHOP_ANTI_PATTERN: "1")
    2.times { equal(["POST /orders 200"], shop.visit("POST", "/orders", { "item" => "tea" }).first) }
    equal(%w[tea tea], shop.orders)
  end

  test "#{name}: an outage still places the order" do
    shop = Shop.new(file, closed_port, folder)
    steps, page = shop.visit("POST", "/orders", { "item" => "tea" })
    equal(["POST /orders 303", "GET /orders/1/confirmation 200"], steps)
    equal(true, page.body.include?('id="flash"'))
  end
end
