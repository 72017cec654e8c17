// What to send after an order: example_decide 127.0.0.1:50051
#include <iostream>

#include "fingerpost/client.h"

// A person waits longer than a web request does.
const fingerpost::ClientOptions kPatient = {.decide_timeout = std::chrono::seconds(5)};

int main(int argc, char** argv) {
  const char* address = argc > 1 ? argv[1] : "127.0.0.1:50051";
  const fingerpost::Client client(address, fingerpost::Transport::Plaintext(), kPatient);

  fingerpost::v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_request()->set_url("https://shop.example.com/orders");
  question.mutable_intent()->set_purpose(fingerpost::v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/orders/7829/confirmation");

  fingerpost::Decision decision;
  fingerpost::v1::Error error;
  if (!client.Decide(question, decision, error)) {
    std::cerr << error.code() << ": " << error.message() << "\n";
    return 1;
  }
  if (decision.MustSend()) {
    std::cout << decision.response.status() << "\n";
    for (const auto& header : decision.response.headers()) {
      std::cout << header.name() << ": " << header.value() << "\n";
    }
  }
}
