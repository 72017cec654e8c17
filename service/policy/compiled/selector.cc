#include "policy/compiled/selector.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "policy/compiled/host_table.h"
#include "policy/compiled/names.h"

namespace fingerpost::policy::compiled {
namespace {

// Each is compared with the hosts of every rule: 256 cost a fifth of a second with 40,000 rules.
constexpr int kMostHosts = 256;
// Whoever needs more needs the whole policy.
constexpr int kMostIntents = 10'000;
// Of hosts and intents together. A watch keeps its selector for as long as it lasts.
constexpr size_t kMostOctets = size_t{64} << 10;

// What a pattern has, and perhaps its domain itself, which only adds to a part.
std::optional<std::string> Widened(std::string_view pattern) {
  std::optional<std::string> host = ParseMatchHost(pattern);
  if (host && CapturesLabels(*host)) host->erase(0, 1);
  return host;
}

bool Meet(std::string_view a, std::string_view b) {
  return IsHostWithin(a, b) || IsHostWithin(b, a);
}

// Whether one of the patterns may have one of the hosts.
template <typename Patterns, typename Hosts>
bool AnyMeets(const Patterns& patterns, const Hosts& hosts) {
  return std::any_of(patterns.begin(), patterns.end(), [&hosts](const std::string& pattern) {
    const auto widened = Widened(pattern);
    return !widened || std::any_of(hosts.begin(), hosts.end(),
                                   [&](const std::string& host) { return Meet(*widened, host); });
  });
}

size_t OctetsOf(const google::protobuf::RepeatedPtrField<std::string>& list) {
  return std::accumulate(list.begin(), list.end(), size_t{0},
                         [](size_t sum, const std::string& name) { return sum + name.size(); });
}

void SortUnique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

template <typename List, typename Stays>
void CopyIf(const List& list, List& part, Stays stays) {
  for (const auto& entry : list) {
    if (stays(entry)) *part.Add() = entry;
  }
}

}  // namespace

Selector::Selector(const v1::PolicySelector& asked, const message::Place& hosts,
                   const message::Place& intents, message::Faults& faults) {
  if (asked.hosts_size() > kMostHosts) {
    faults.Error(hosts, message::AtMost(kMostHosts, "hosts", asked.hosts_size()));
  }
  if (asked.intents_size() > kMostIntents) {
    faults.Error(intents, message::AtMost(kMostIntents, "names", asked.intents_size()));
  }
  const size_t of_hosts = OctetsOf(asked.hosts());
  const size_t octets = of_hosts + OctetsOf(asked.intents());
  if (octets > kMostOctets) {
    faults.Error(of_hosts > octets / 2 ? hosts : intents,
                 message::AtMost(kMostOctets, "octets of hosts and intents", octets));
  }
  if (!faults.empty()) return;
  for (int i = 0; i < asked.hosts_size(); ++i) {
    if (auto host = Widened(asked.hosts(i))) {
      hosts_.push_back(*std::move(host));
    } else {
      faults.Error(hosts[i],
                   "is not a host; expected \"shop.example.com\", \".example.com\" or "
                   "\"*.example.com\"");
    }
  }
  for (int i = 0; i < asked.intents_size(); ++i) CheckName(asked.intents(i), intents[i], faults);
  if (!faults.empty()) return;
  intents_.assign(asked.intents().begin(), asked.intents().end());
  SortUnique(hosts_);
  SortUnique(intents_);
  key_ = ToMessage().SerializeAsString();
}

size_t Selector::memory() const {
  // Of a short string they are a part of it; to count them always is simpler.
  size_t octets = sizeof *this + key_.capacity();
  for (const auto* list : {&hosts_, &intents_}) {
    octets += list->capacity() * sizeof(std::string);
    for (const std::string& name : *list) octets += name.capacity();
  }
  return octets;
}

v1::PolicySelector Selector::ToMessage() const {
  v1::PolicySelector message;
  message.mutable_hosts()->Assign(hosts_.begin(), hosts_.end());
  message.mutable_intents()->Assign(intents_.begin(), intents_.end());
  return message;
}

template <typename Patterns>
bool Selector::HasAnyOf(const Patterns& patterns) const {
  return patterns.empty() || AnyMeets(patterns, hosts_);
}

void Selector::CutSettings(const v1::Policy& policy, v1::Policy& part) const {
  std::vector<bool> stays(static_cast<size_t>(policy.hosts_size()));
  std::vector<std::string> led_to;
  const auto lead = [&led_to](const v1::Defaults& settings) {
    if (auto host = ParseHostPattern(settings.canonical().host())) led_to.push_back(*host);
  };
  const auto keep = [&](int i) {
    stays[static_cast<size_t>(i)] = true;
    lead(policy.hosts(i).defaults());
  };
  lead(policy.defaults());
  for (int i = 0; i < policy.hosts_size(); ++i) {
    if (HasAnyOf(policy.hosts(i).hosts())) keep(i);
  }
  while (!led_to.empty()) {
    const std::array<std::string, 1> host = {std::exchange(led_to.back(), {})};
    led_to.pop_back();
    for (int i = 0; i < policy.hosts_size(); ++i) {
      if (!stays[static_cast<size_t>(i)] && AnyMeets(policy.hosts(i).hosts(), host)) keep(i);
    }
  }
  for (int i = 0; i < policy.hosts_size(); ++i) {
    const v1::HostDefaults& settings = policy.hosts(i);
    const auto& allowed = settings.defaults().allowed_hosts();
    if (stays[static_cast<size_t>(i)]) {
      *part.add_hosts() = settings;
    } else if (!allowed.empty()) {
      v1::HostDefaults& others = *part.add_hosts();
      *others.mutable_hosts() = settings.hosts();
      *others.mutable_defaults()->mutable_allowed_hosts() = allowed;
    }
  }
}

v1::Policy Selector::Cut(const v1::Policy& policy, const RowHosts& row_hosts) const {
  if (is_all()) return policy;
  v1::Policy part;
  if (policy.has_defaults()) *part.mutable_defaults() = policy.defaults();
  if (hosts_.empty()) {
    *part.mutable_hosts() = policy.hosts();
  } else {
    CutSettings(policy, part);
    CopyIf(policy.rules(), *part.mutable_rules(),
           [&](const v1::Rule& rule) { return HasAnyOf(rule.match().hosts()); });
    CopyIf(policy.maps(), *part.mutable_maps(), [&](const v1::MapFile& map) {
      const auto hosts = row_hosts.find(map.name());
      return hosts == row_hosts.end() || HasAnyOf(hosts->second);
    });
  }
  const auto add_intent = [&](const std::string& name) {
    const auto intent = policy.intents().find(name);
    if (intent != policy.intents().end()) (*part.mutable_intents())[name] = intent->second;
  };
  for (const std::string& name : intents_) add_intent(name);
  for (const v1::Rule& rule : part.rules()) {
    if (rule.has_intent_name()) add_intent(rule.intent_name());
  }
  return part;
}

}  // namespace fingerpost::policy::compiled
