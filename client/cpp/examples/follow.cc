// What to request after a redirect: example_follow 127.0.0.1:50051
#include <iostream>

#include "fingerpost/client.h"

namespace {

void Add(fingerpost::v1::Header& field, const char* name, const char* value) {
  field.set_name(name);
  field.set_value(value);
}

}  // namespace

// A person waits longer than a web request does.
const fingerpost::ClientOptions kPatient = {.follow_timeout = std::chrono::seconds(5)};

int main(int /*argc*/, char** argv) {
  const fingerpost::Client client(argv[1], fingerpost::Transport::Plaintext(), kPatient);

  fingerpost::v1::FollowRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_request()->set_url("https://shop.example.com/orders");
  Add(*question.mutable_request()->add_headers(), "Authorization", "Bearer secret");
  question.mutable_response()->set_status(303);
  Add(*question.mutable_response()->add_headers(), "Location", "/orders/7829/confirmation");

  fingerpost::Hop hop;
  fingerpost::v1::Error error;
  if (!client.Follow(question, hop, error)) {
    std::cerr << error.code() << ": " << error.message() << "\n";
    return 1;
  }
  if (!hop.response.has_next()) {
    std::cout << "stop: " << hop.response.stop().message() << "\n";
    return hop.response.stop().error() ? 1 : 0;
  }
  const auto& next = hop.response.next();
  std::cout << next.method() << " " << next.url() << "\n";
  for (const auto& header : next.headers()) {
    std::cout << header.name() << ": " << header.value() << "\n";
  }
}
