// A way to ask: the core, gRPC, and the command-line client with and without a server. The same
// rows go through each.
#pragma once

#include <string>
#include <vector>

#include "golden/compare.h"

namespace fingerpost::golden {

// A question as the row spells it and as a message.
template <typename Request>
struct Question {
  std::string json;
  Request message;
};
using DecideQuestion = Question<v1::DecideRequest>;
using FollowQuestion = Question<v1::FollowRequest>;

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // Returns as many answers as questions, in order.
  virtual std::vector<DecideAnswer> Decide(const std::vector<DecideQuestion>& questions) = 0;
  virtual std::vector<FollowAnswer> Follow(const std::vector<FollowQuestion>& questions) = 0;
};

}  // namespace fingerpost::golden
