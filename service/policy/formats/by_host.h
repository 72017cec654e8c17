// What answers the requests for one host, for tools that choose by the host first.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/outgoing.h"

namespace fingerpost::policy::formats {

struct HostGroup {
  std::vector<std::string> hosts;  // As Outgoing.host, which all have the same list.
  std::vector<const Outgoing*>
      list;  // In the policy's order: those of domains and of every host, too.
};

// Every host that is named, and every host; the most specific first.
[[nodiscard]] std::vector<HostGroup> GroupByHost(const OutgoingList& list);

}  // namespace fingerpost::policy::formats
