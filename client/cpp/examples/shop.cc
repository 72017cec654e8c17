// The example shop (client/README.md) over civetweb, with its orders in memory: a redirect is one
// line in a handler. FINGERPOST=127.0.0.1:50051 PORT=8000 example_shop
#include <civetweb.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "fingerpost/client.h"

namespace {

using fingerpost::Client;
using fingerpost::Decision;
using fingerpost::Transport;
using fingerpost::v1::DecideRequest;
using fingerpost::v1::Intent;

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// A shop would rather wait for the right answer than have none.
const fingerpost::ClientOptions kOptions = {.decide_timeout = std::chrono::seconds(10)};

struct Shop {
  Client client{Variable("FINGERPOST", "127.0.0.1:50051"), Transport::Plaintext(), kOptions};
  std::mutex mutex;
  std::map<int, std::string> orders;
  int last = 0;
};

int Send(mg_connection* to, int status, const std::string& body) {
  mg_printf(to,
            "HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
            "\r\n%s",
            status, mg_get_response_code_text(to, status), body.size(), body.c_str());
  return status;
}

// What the visitor learns of a question without a response; the reason is for the log.
int SendError(mg_connection* to, int status) {
  const char* text = mg_get_response_code_text(to, status);
  mg_printf(to, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s",
            status, text, std::strlen(text), status == 503 ? "Retry-After: 5\r\n" : "", text);
  return status;
}

std::string ContentOf(mg_connection* from) {
  std::string content;
  char piece[4096];
  for (int got = 0; (got = mg_read(from, piece, sizeof piece)) > 0;) {
    content.append(piece, static_cast<size_t>(got));
  }
  return content;
}

std::string FormField(const std::string& content, const char* name) {
  char value[1024];
  const int length = mg_get_var(content.data(), content.size(), name, value, sizeof value);
  return length < 0 ? "" : std::string(value, static_cast<size_t>(length));
}

std::string Origin(mg_connection* from) {
  return "http://127.0.0.1:" + std::to_string(mg_get_request_info(from)->server_port);
}

// The one line: answers the request with the redirect that `intent` asks for.
int Redirect(Shop& shop, mg_connection* from, const Intent& intent) {
  const mg_request_info& asked = *mg_get_request_info(from);
  DecideRequest question;
  question.mutable_request()->set_method(asked.request_method);
  question.mutable_request()->set_url(Origin(from) + asked.local_uri);
  *question.mutable_intent() = intent;
  Decision decision;
  fingerpost::v1::Error error;
  if (!shop.client.Decide(question, decision, error) || !decision.MustSend()) {
    return SendError(from, fingerpost::ErrorStatus(decision, error));
  }
  const auto& answer = decision.response;
  mg_printf(from, "HTTP/1.1 %d %s\r\n", answer.status(),
            mg_get_response_code_text(from, answer.status()));
  for (const auto& header : answer.headers()) {
    mg_printf(from, "%s: %s\r\n", header.name().c_str(), header.value().c_str());
  }
  mg_printf(from, "\r\n");
  mg_write(from, answer.body().data(), answer.body().size());
  return answer.status();
}

Intent To(fingerpost::v1::Purpose purpose, const std::string& target) {
  Intent intent;
  intent.set_purpose(purpose);
  intent.set_target(target);
  return intent;
}

// The order: 303 to its confirmation, which shows the message once. With DELETE: 303 to the list.
int Orders(mg_connection* from, void* data) {
  Shop& shop = *static_cast<Shop*>(data);
  const std::string_view method = mg_get_request_info(from)->request_method;
  const std::string content = ContentOf(from);
  const std::lock_guard lock(shop.mutex);
  if (method == "POST") {
    const std::string item = FormField(content, "item");
    shop.orders[++shop.last] = item;
    Intent intent = To(fingerpost::v1::PURPOSE_FORM_RESULT,
                       "/orders/" + std::to_string(shop.last) + "/confirmation");
    intent.mutable_flash()->set_text("Order placed: " + item);
    return Redirect(shop, from, intent);
  }
  if (method == "DELETE") {
    shop.orders.erase(std::atoi(mg_get_request_info(from)->local_uri + sizeof "/orders"));
    return Redirect(shop, from, To(fingerpost::v1::PURPOSE_FORM_RESULT, "/orders"));
  }
  return Send(from, 200, std::to_string(shop.orders.size()) + " orders\n");
}

// The webhook: 307 keeps the event. Its sender is known to follow; most do not.
int Webhook(mg_connection* from, void* data) {
  (void)ContentOf(from);
  Intent intent = To(fingerpost::v1::PURPOSE_REROUTE, "/v2/webhooks");
  intent.set_redirect_capable(true);
  return Redirect(*static_cast<Shop*>(data), from, intent);
}

int WebhookV2(mg_connection* from, void* /*data*/) { return Send(from, 200, ContentOf(from)); }

// The campaign: 302.
int SpringSale(mg_connection* from, void* data) {
  return Redirect(*static_cast<Shop*>(data), from,
                  To(fingerpost::v1::PURPOSE_CAMPAIGN, "/products?promo=spring"));
}

// The OAuth login: 303, so that the password does not travel on.
int Login(mg_connection* from, void* data) {
  const std::string content = ContentOf(from);
  Intent intent =
      To(fingerpost::v1::PURPOSE_AUTHORIZATION_RESPONSE, FormField(content, "redirect_uri"));
  intent.add_redirect_uris(Origin(from) + "/callback");
  for (const auto& [name, value] :
       {std::pair{"code", std::string("c0de")}, std::pair{"state", FormField(content, "state")}}) {
    auto& parameter = *intent.add_response_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
  }
  return Redirect(*static_cast<Shop*>(data), from, intent);
}

}  // namespace

int main() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Shop shop;
  const std::string listen = "127.0.0.1:" + Variable("PORT", "8000");
  const char* options[] = {"listening_ports", listen.c_str(), "num_threads", "4", nullptr};
  mg_context* server = mg_start(nullptr, nullptr, options);
  mg_server_port port;
  if (server == nullptr || mg_get_server_ports(server, 1, &port) != 1) {
    std::cerr << "cannot listen on " << listen << "\n";
    return 1;
  }
  mg_set_request_handler(server, "/orders", Orders, &shop);
  mg_set_request_handler(server, "/webhooks", Webhook, &shop);
  mg_set_request_handler(server, "/v2/webhooks", WebhookV2, &shop);
  mg_set_request_handler(server, "/spring-sale", SpringSale, &shop);
  mg_set_request_handler(server, "/login", Login, &shop);
  std::cout << "listening on http://127.0.0.1:" << port.port << std::endl;
  int signal = 0;
  sigwait(&ends, &signal);
  mg_stop(server);
}
