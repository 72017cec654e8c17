// Asks the core itself.
#pragma once

#include "golden/transport.h"

namespace fingerpost::golden {

// With the defaults of an empty policy; an intent must be spelled out.
class CoreTransport : public Transport {
 public:
  std::vector<DecideAnswer> Decide(const std::vector<DecideQuestion>& questions) override;
  std::vector<FollowAnswer> Follow(const std::vector<FollowQuestion>& questions) override;
};

}  // namespace fingerpost::golden
