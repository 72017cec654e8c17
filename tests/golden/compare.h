// Compares an answer with a row's expectations, and with the rules for every answer.
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

// A transport's answer: a message, or an error in its place.
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

// The faults of an "expect" itself, such as an unknown member or enum value. Empty if there are
// none.
[[nodiscard]] std::string FaultsOf(const Value& expect, bool is_follow);

}  // namespace fingerpost::golden
