# frozen_string_literal: true

require "cgi"

# The shop's pages. No redirect is decided here.
module Pages
  module_function

  def home(last)
    page("Shop", <<~HTML)
      #{form("order", "/orders", "tea", "Order")}
      #{form("checkout", "/checkout", "coffee", "Order at the old checkout (307)")}
      #{form("cart", "/cart", "cocoa", "Order in the old cart (308)")}
      <p><a id="sale" href="/spring-sale">Spring sale</a> <a href="/orders">Orders</a> <a href="/login">Login</a></p>
      <button id="order-by-fetch">Order by fetch</button> <button id="cancel">Cancel the last order by fetch</button> <output id="fetched"></output>
      <script>
        async function show(path, options) {
          const response = await fetch(path, options);
          document.getElementById("fetched").textContent = response.status + " " + response.url;
        }
        document.getElementById("order-by-fetch").onclick = () => show("/orders", {method: "POST", body: new URLSearchParams({item: "milk"})});
        document.getElementById("cancel").onclick = () => show("/orders/#{last}", {method: "DELETE"});
      </script>
    HTML
  end

  # `flash` comes from a cookie that anybody could have written: it is escaped.
  def confirmation(number, item, flash)
    message = flash.empty? ? "" : %(<p id="flash">#{escaped(flash)}</p>)
    page("Thank you", %(#{message}<p id="order">Order #{number}: #{escaped(item)}</p>))
  end

  def orders(all) = page("Orders", %(<ul id="orders">#{all.map { |number, item| "<li>#{number}: #{escaped(item)}</li>" }.join}</ul>))
  def products(promo) = page("Products", %(<p id="promo">#{escaped(promo)}</p>))
  def received(method, query, content) = page("Callback", %(<p id="received">#{escaped("#{method} #{query} #{content}")}</p>))

  def login(redirect_uri, state)
    page("Login", <<~HTML)
      <form id="login-form" method="post" action="/login">
        <input type="hidden" name="redirect_uri" value="#{escaped(redirect_uri)}"><input type="hidden" name="state" value="#{escaped(state)}">
        <input name="user" autocomplete="username"><input name="password" type="password" autocomplete="current-password"><button>Log in</button>
      </form>
    HTML
  end

  def form(id, action, item, label)
    %(<form id="#{id}" method="post" action="#{action}"><input name="item" value="#{item}"><button>#{label}</button></form>)
  end

  def page(title, content) = "<!doctype html><html lang=en><meta charset=utf-8><title>#{title}</title><h1>#{title}</h1>#{content}</html>"
  def escaped(text) = CGI.escapeHTML(text.to_s.dup.force_encoding("UTF-8").scrub)
end
