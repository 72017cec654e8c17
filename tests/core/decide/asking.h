// Asks Decide in the text form of its messages.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/decide.h"
#include "done.h"

namespace fingerpost::decide {

// The seed of a property test: FINGERPOST_SEED, or a new one each run. Printed, so that a failure
// can be reproduced.
inline uint64_t SeedOfThisRun() {
  const char* wanted = std::getenv("FINGERPOST_SEED");
  const uint64_t seed =
      wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
  std::cout << "FINGERPOST_SEED=" << seed << std::endl;
  return seed;
}

// One text, or several that are merged: later values replace earlier ones.
struct Parts {
  std::vector<std::string> texts;
  Parts(const char* text) : texts{text} {}             // NOLINT(google-explicit-constructor)
  Parts(std::string text) : texts{std::move(text)} {}  // NOLINT(google-explicit-constructor)
  Parts(std::initializer_list<std::string> several) : texts(several) {}
};

// Asks the core for the intent that `asked` spells out, as if `rule` had chosen it after it looked
// at the fields `looked_at`.
inline bool AskCore(const v1::DecideRequest& asked, const v1::Defaults& defaults,
                    v1::DecideResponse& answer, v1::Error& error, const std::string& rule = {},
                    const std::vector<std::string>& looked_at = {}) {
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  Wish wish(defaults, "v");
  SpellOut(asked, wish);
  wish.rule = rule;
  wish.looked_at.fields.assign(looked_at.begin(), looked_at.end());
  return IsDone(Decide(asked, request, wish, faults, answer), error);
}

// A question with everything that it refers to.
struct Asking {
  v1::DecideRequest request;
  v1::Defaults defaults;
  std::string rule;
  std::vector<std::string> looked_at;
  v1::DecideResponse answer;
  v1::Error error;

  explicit Asking(const Parts& parts, const std::string& policy = {}) {
    for (const std::string& text : parts.texts) {
      v1::DecideRequest part;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &part)) << text;
      request.MergeFrom(part);
    }
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(policy, &defaults)) << policy;
  }

  bool Ask() { return AskCore(request, defaults, answer, error, rule, looked_at); }
};

// The answer to a valid question.
inline v1::DecideResponse Ask(const Parts& parts, const std::string& policy = {}) {
  Asking asking(parts, policy);
  EXPECT_TRUE(asking.Ask()) << asking.request.ShortDebugString() << "\n"
                            << asking.error.ShortDebugString();
  return asking.answer;
}

// "field: description" of each violation of an invalid question.
inline std::vector<std::string> Faults(const Parts& parts, const std::string& policy = {}) {
  Asking asking(parts, policy);
  EXPECT_FALSE(asking.Ask()) << asking.request.ShortDebugString() << "\n"
                             << asking.answer.ShortDebugString();
  std::vector<std::string> faults;
  for (const auto& violation : asking.error.violations()) {
    faults.push_back(violation.field() + ": " + violation.description());
  }
  return faults;
}

// The fields as they would go on the wire, in order.
inline std::string Wire(const v1::DecideResponse& answer) {
  std::string text;
  for (const auto& header : answer.headers()) text += header.name() + ": " + header.value() + "\n";
  return text;
}

// The value of the field of that name; "<none>" without one.
inline std::string FieldOf(const v1::DecideResponse& answer, std::string_view name) {
  for (const auto& header : answer.headers()) {
    if (header.name() == name) return header.value();
  }
  return "<none>";
}

inline std::vector<v1::WarningCode> WarningsOf(const v1::DecideResponse& answer) {
  std::vector<v1::WarningCode> codes;
  for (const auto& warning : answer.warnings()) codes.push_back(warning.code());
  return codes;
}

}  // namespace fingerpost::decide
