// Asks the command-line client: a line of JSON for each question, a line for each answer.
#pragma once

#include <string>

#include "golden/transport.h"

namespace fingerpost::golden {

class CliTransport : public Transport {
 public:
  // `fingerpost --input -`, in-process.
  CliTransport() = default;
  // `fingerpost --input - --server ADDRESS`.
  explicit CliTransport(std::string address) : address_(std::move(address)) {}

  std::vector<DecideAnswer> Decide(const std::vector<DecideQuestion>& questions) override;
  std::vector<FollowAnswer> Follow(const std::vector<FollowQuestion>& questions) override;

 private:
  std::string address_;
};

}  // namespace fingerpost::golden
