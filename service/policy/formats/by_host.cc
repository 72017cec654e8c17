#include "policy/formats/by_host.h"

#include <absl/container/btree_map.h>

#include <algorithm>
#include <iterator>

namespace fingerpost::policy::formats {
namespace {

// Of the same rules, which differ in nothing but the host.
bool AreSame(const std::vector<const Outgoing*>& a, const std::vector<const Outgoing*>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Outgoing* x, const Outgoing* y) {
                      return x->place.file == y->place.file && x->place.line == y->place.line &&
                             x->act == y->act && x->safe == y->safe;
                    });
}

}  // namespace

std::vector<HostGroup> GroupByHost(const OutgoingList& list) {
  // Those of each host by their place, which is their order.
  absl::btree_map<std::string, std::vector<size_t>> own;
  for (size_t i = 0; i < list.size(); ++i) own[list[i].host].push_back(i);
  std::vector<HostGroup> groups;
  for (const auto& entry : own) {
    const std::string& host = entry.first;
    const auto& places = entry.second;
    std::vector<size_t> all = places;
    const auto join = [&](const std::string& wider) {
      const auto found = own.find(wider);
      if (found == own.end() || wider == host) return;
      const size_t middle = all.size();
      all.insert(all.end(), found->second.begin(), found->second.end());
      std::inplace_merge(all.begin(), all.begin() + static_cast<ptrdiff_t>(middle), all.end());
    };
    if (!host.empty()) {
      const std::string domain = host.starts_with('.') ? host : "." + host;
      for (size_t dot = 0; dot != domain.npos; dot = domain.find('.', dot + 1))
        join(domain.substr(dot));
      join("");
    }
    HostGroup group;
    group.hosts = {host};
    for (const size_t place : all) group.list.push_back(&list[place]);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const HostGroup& other) {
      return !host.empty() && AreSame(other.list, group.list);
    });
    if (same != groups.end() && !same->hosts[0].empty()) {
      same->hosts.push_back(host);
    } else {
      groups.push_back(std::move(group));
    }
  }
  std::stable_sort(groups.begin(), groups.end(), [](const HostGroup& a, const HostGroup& b) {
    const auto rank = [](const std::string& host) {
      return host.empty() ? size_t{1'000'000} : host[0] == '.' ? 100'000 - host.size() : 0;
    };
    return rank(a.hosts[0]) < rank(b.hosts[0]);
  });
  return groups;
}

}  // namespace fingerpost::policy::formats
