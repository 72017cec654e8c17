// Answers the contract's questions by the C++ package: JSON lines in and out
// (client/contract/README.md).
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/message/json.h"
#include "fingerpost/client.h"

namespace fingerpost {
namespace {

using Json = nlohmann::json;

std::string NameOf(std::string_view prefix, const std::string& name) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

Json FailedWith(const v1::Error& error) {
  Json violations = Json::array();
  for (const v1::FieldViolation& one : error.violations()) {
    violations.push_back({{"field", one.field()}, {"description", one.description()}});
  }
  Json failed = {{"code", error.code()}, {"message", error.message()}, {"violations", violations}};
  if (error.reason() != v1::ERROR_REASON_UNSPECIFIED) {
    failed["reason"] = NameOf("ERROR_REASON_", v1::ErrorReason_Name(error.reason()));
  }
  return failed;
}

template <typename Answer>
Json Said(const Answer& answer) {
  constexpr std::string_view kSources[] = {"SERVICE", "ENGINE", "FALLBACK"};
  Json said = {{"answer", Json::parse(message::ToJson(answer.response))},
               {"source", kSources[static_cast<int>(answer.source)]}};
  if (answer.source == Source::kFallback) said["error"] = FailedWith(answer.error);
  return said;
}

class Driver {
 public:
  Json Answer(const Json& asked) {
    const std::string op = asked.at("op");
    if (op == "open") return Open(asked);
    if (op == "ready") return {{"ready", client_->Ready(Milliseconds(asked))}};
    if (op == "decide") return Ask<v1::DecideRequest, Decision>(asked, &Client::Decide);
    if (op == "follow") return Ask<v1::FollowRequest, Hop>(asked, &Client::Follow);
    if (op == "policy") return Policy();
    if (op == "close") return Close();
    throw std::invalid_argument(op);
  }

  Json Close() {
    if (client_ != nullptr) client_->Close();
    return {{"ok", true}};
  }

 private:
  static std::chrono::milliseconds Milliseconds(const Json& asked) {
    return std::chrono::milliseconds(asked.at("timeout_ms").get<int>());
  }

  Json Open(const Json& asked) {
    Close();
    ClientOptions options;
    const std::string engine = asked.value("engine", "auto");
    if (engine == "local") options.engine = Engine::kLocal;
    if (engine == "remote") options.engine = Engine::kRemote;
    if (asked.value("on_error", "fallback") == "raise") options.on_error = OnError::kFail;
    options.policy_file = asked.value("policy_file", "");
    if (asked.contains("timeout_ms")) {
      options.decide_timeout = options.follow_timeout = Milliseconds(asked);
    }
    client_ = std::make_unique<Client>(asked.at("address").get<std::string>(),
                                       Transport::Plaintext(), options);
    return {{"ok", true}};
  }

  template <typename Request, typename Answer, typename Method>
  Json Ask(const Json& asked, Method method) {
    Request request;
    if (const auto done = message::FromJson(asked.at("question").dump(), request); !done) {
      v1::Error error = done.error();
      error.set_code("INVALID_ARGUMENT");
      return {{"error", FailedWith(error)}};
    }
    Answer answer;
    v1::Error error;
    if (!((*client_).*method)(request, answer, error, {})) return {{"error", FailedWith(error)}};
    return Said(answer);
  }

  Json Policy() {
    constexpr std::string_view kStates[] = {"NONE", "STALE", "READY"};
    const PolicyState policy = client_->policy();
    return {{"state", kStates[static_cast<int>(policy.state)]},
            {"version", policy.version},
            {"problems", policy.problems}};
  }

  std::unique_ptr<Client> client_;
};

}  // namespace
}  // namespace fingerpost

int main() {
  try {
    fingerpost::Driver driver;
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << driver.Answer(nlohmann::json::parse(line)).dump() << std::endl;
    }
    driver.Close();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
