// What to request after a redirect: example_follow 127.0.0.1:50051
#include <iostream>

#include "fingerpost/client.h"

// A person waits longer than a web request does.
const fingerpost::ClientOptions kPatient = {.follow_timeout = std::chrono::seconds(5)};

int main(int argc, char** argv) {
  const char* address = argc > 1 ? argv[1] : "127.0.0.1:50051";
  const fingerpost::Client client(address, fingerpost::Transport::Plaintext(), kPatient);

  fingerpost::v1::FollowRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_request()->set_url("https://shop.example.com/orders");
  auto& credentials = *question.mutable_request()->add_headers();
  credentials.set_name("Authorization");
  credentials.set_value("Bearer secret");
  question.mutable_response()->set_status(303);
  auto& location = *question.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value("/orders/7829/confirmation");

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
