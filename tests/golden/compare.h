// Compares an answer with what a row expects, and with what must hold of every answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"
#include "golden/json.h"

namespace fingerpost::golden {

// One difference.
struct Mismatch {
  std::string path;
  std::string expected;
  std::string got;
};

// A transport's answer: a message, or the error that stands for it.
struct DecideAnswer {
  v1::DecideResponse response;
  v1::Error error;
  bool ok = false;
};
struct FollowAnswer {
  v1::FollowResponse response;
  v1::Error error;
  bool ok = false;
};

[[nodiscard]] std::vector<Mismatch> Compare(const Value& expect, const v1::DecideRequest& request,
                                            const DecideAnswer& answer);
[[nodiscard]] std::vector<Mismatch> Compare(const Value& expect, const v1::FollowRequest& request,
                                            const FollowAnswer& answer);

// What is wrong with an "expect" itself: a member that no answer has, an enum value that does not
// exist. Empty when it is right.
[[nodiscard]] std::string FaultsOf(const Value& expect, bool is_follow);

}  // namespace fingerpost::golden
