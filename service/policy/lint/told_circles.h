// Circles as faults, each once, at the first rule of it, or at the first row where it has no rule.
#pragma once

#include <absl/container/btree_set.h>

#include <string>
#include <vector>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/lint/client.h"
#include "policy/lint/names.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

class ToldCircles {
 public:
  ToldCircles(const v1::Policy& policy, const Walker& walker, const Names& names,
              message::Faults& faults)
      : policy_(policy), walker_(walker), names_(names), faults_(faults) {}

  // The circle that `walk` ends in. An error; a warning where it is only likely.
  void Tell(const Walk& walk, const Client& client);
  // A rule for every host that leads to another host, where it would match again.
  void TellElsewhere(const Walk& walk, const Client& client);

 private:
  // Why the circle is not certain; "" where it is.
  [[nodiscard]] std::string Doubt(const std::vector<Hop>& circle, const Client& client) const;
  void Report(const Node& at, const std::string& doubt, const std::string& what);

  const v1::Policy& policy_;
  const Walker& walker_;
  const Names& names_;
  message::Faults& faults_;
  absl::btree_set<std::vector<Node>> told_;
};

}  // namespace fingerpost::policy::lint
