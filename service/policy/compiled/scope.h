// What a part of a policy has: the service must be asked for the rest (HandedOut in policy.proto).
#pragma once

#include <optional>
#include <string_view>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/host_table.h"

namespace fingerpost::policy::compiled {

class Scope {
 public:
  // Of a whole policy.
  Scope() = default;
  // Of what the service handed out. It has the settings of the selected hosts and of those to which
  // their canonical form leads; without hosts, those of all.
  Scope(const v1::HandedOut& handed_out, message::Faults& faults);

  // Some named intents are elsewhere.
  void LackIntents() { has_intents_ = false; }

  // Whether a name that is not here is none.
  [[nodiscard]] bool has_intents() const { return has_intents_; }
  // Whether the settings and rules for a host, in the URL parser's spelling, are all here, but for
  // those that RuleIndex::Lack is about.
  [[nodiscard]] bool HasHost(std::string_view host) const;

 private:
  bool has_intents_ = true;
  std::optional<HostTable> hosts_;  // Absent: every host.
};

}  // namespace fingerpost::policy::compiled
