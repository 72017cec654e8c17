// Asks a service, one call for each question.
#pragma once

#include <string>

#include "fingerpost/client.h"
#include "golden/transport.h"

namespace fingerpost::golden {

class GrpcTransport : public Transport {
 public:
  // "127.0.0.1:43210", in plaintext.
  explicit GrpcTransport(const std::string& address);

  std::vector<DecideAnswer> Decide(const std::vector<DecideQuestion>& questions) override;
  std::vector<FollowAnswer> Follow(const std::vector<FollowQuestion>& questions) override;

 private:
  Client client_;
};

}  // namespace fingerpost::golden
