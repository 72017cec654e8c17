#include "handed_out.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/compiled/host_table.h"

namespace fingerpost {
namespace {

using policy::compiled::CapturesLabels;
using policy::compiled::ParseMatchHost;

v1::PolicySelector InOneSpelling(const v1::PolicySelector& selector) {
  std::vector<std::string> hosts(selector.hosts().begin(), selector.hosts().end());
  std::vector<std::string> intents(selector.intents().begin(), selector.intents().end());
  for (std::string& host : hosts) {
    host = ParseMatchHost(host).value_or(host);
    if (CapturesLabels(host)) host.erase(0, 1);
  }
  v1::PolicySelector spelled;
  for (auto* list : {&hosts, &intents}) {
    std::ranges::sort(*list);
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  spelled.mutable_hosts()->Assign(hosts.begin(), hosts.end());
  spelled.mutable_intents()->Assign(intents.begin(), intents.end());
  return spelled;
}

}  // namespace

v1::HandedOut ReadHandedOut(const std::string& octets) {
  v1::Policy policy;
  if (!policy.ParseFromString(octets)) return {};
  return std::move(*policy.mutable_handed_out());
}

bool IsSamePart(const v1::PolicySelector& one, const v1::PolicySelector& other) {
  return InOneSpelling(one).SerializeAsString() == InOneSpelling(other).SerializeAsString();
}

}  // namespace fingerpost
