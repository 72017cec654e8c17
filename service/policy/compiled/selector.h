// The part of a policy that a caller asks for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/string_map.h"

namespace fingerpost::policy::compiled {

// By MapFile.name: the hosts of a map's rows, as HostTable::Patterns. A row may be a URL of any
// host. Rows of a map that is not there are for every host.
using RowHosts = StringMap<std::vector<std::string>>;

// Immutable.
class Selector {
 public:
  // Everything.
  Selector() = default;
  // Reports what is no host or no name, and more than there may be, as the fields `hosts` and
  // `intents`.
  Selector(const v1::PolicySelector& asked, const message::Place& hosts,
           const message::Place& intents, message::Faults& faults);

  [[nodiscard]] bool is_all() const { return hosts_.empty() && intents_.empty(); }
  // Equal for selectors that choose the same; "": everything.
  [[nodiscard]] const std::string& key() const { return key_; }
  // Octets that it holds.
  [[nodiscard]] size_t memory() const;
  // In one spelling: sorted, without repetitions.
  [[nodiscard]] v1::PolicySelector ToMessage() const;

  // What is needed to answer as the whole policy does: requests for the hosts, and questions that
  // name one of the intents. With intents alone these are about any host.
  //
  // Rules and maps are there that may match one of the hosts, as a whole; the intents that they
  // name; and the settings of the hosts and of those to which their canonical form leads. Of other
  // hosts' settings the allowed hosts stay, which the targets of every rule may name.
  [[nodiscard]] v1::Policy Cut(const v1::Policy& policy, const RowHosts& row_hosts) const;

 private:
  // Whether one of the patterns may have one of the hosts; an empty list stands for every host.
  template <typename Patterns>
  [[nodiscard]] bool HasAnyOf(const Patterns& patterns) const;
  void CutSettings(const v1::Policy& policy, v1::Policy& part) const;

  std::vector<std::string> hosts_;  // As of ParseHostPattern; "*.a.example" is ".a.example".
  std::vector<std::string> intents_;
  std::string key_;
};

}  // namespace fingerpost::policy::compiled
