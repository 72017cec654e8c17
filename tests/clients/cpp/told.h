// A client whose service gives the test's answers.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "fingerpost/client.h"

namespace fingerpost {

inline v1::Error ErrorOf(const std::string& code) {
  v1::Error error;
  error.set_code(code);
  error.set_message("told to");
  return error;
}

// Gives the test's answers, and counts.
class Told : public Answerer {
 public:
  bool Decide(const v1::DecideRequest& /*request*/, v1::DecideResponse& out, v1::Error& error,
              const CallOptions& options) const override {
    timeout = options.timeout;
    return Say(decision, out, error);
  }
  bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
              const CallOptions& options) const override {
    timeout = options.timeout;
    asked = request;
    return Say(hop, out, error);
  }

  v1::DecideResponse decision;
  v1::FollowResponse hop;
  std::string failure;
  mutable int calls = 0;
  mutable v1::FollowRequest asked;
  mutable std::optional<std::chrono::milliseconds> timeout;

 private:
  template <typename Response>
  bool Say(const Response& told, Response& out, v1::Error& error) const {
    ++calls;
    out = told;
    if (!failure.empty()) error = ErrorOf(failure);
    return failure.empty();
  }
};

inline void Add(google::protobuf::RepeatedPtrField<v1::Header>& headers, const std::string& name,
                const std::string& value) {
  v1::Header& header = *headers.Add();
  header.set_name(name);
  header.set_value(value);
}

inline v1::DecideResponse SeeOther() {
  v1::DecideResponse answer;
  answer.set_outcome(v1::OUTCOME_REDIRECT);
  answer.set_status(303);
  Add(*answer.mutable_headers(), "Location", "/x");
  return answer;
}

inline v1::DecideRequest Order() {
  v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/orders/1");
  return question;
}

inline v1::FollowRequest FollowOrder() {
  v1::FollowRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url("https://a.test/");
  question.mutable_response()->set_status(302);
  Add(*question.mutable_response()->mutable_headers(), "Location", "/b");
  return question;
}

class ClientTest : public ::testing::Test {
 protected:
  bool Decide(const v1::DecideRequest& question) {
    return client.Decide(question, decision, error);
  }

  std::shared_ptr<Told> told = std::make_shared<Told>();
  Client client{told};
  Decision decision;
  Hop hop;
  v1::Error error;
};

}  // namespace fingerpost
