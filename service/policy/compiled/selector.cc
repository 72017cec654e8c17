#include "policy/compiled/selector.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/names.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr int kMostHosts = 256;
constexpr int kMostIntents = 10'000;

// What a pattern has, and perhaps its domain itself, which only adds to a part.
std::optional<std::string> Widened(std::string_view pattern) {
  std::optional<std::string> host = ParseMatchHost(pattern);
  if (host && CapturesLabels(*host)) host->erase(0, 1);
  return host;
}

bool Meet(std::string_view a, std::string_view b) {
  return IsHostWithin(a, b) || IsHostWithin(b, a);
}

template <typename Patterns>
bool AnyMeets(const Patterns& patterns, std::string_view host) {
  return std::any_of(patterns.begin(), patterns.end(), [host](const std::string& pattern) {
    const auto widened = Widened(pattern);
    return !widened || Meet(*widened, host);
  });
}

void SortUnique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

template <typename List, typename Keep>
void KeepIf(List& list, Keep keep) {
  int kept = 0;
  for (int i = 0; i < list.size(); ++i) {
    if (keep(list[i])) list.SwapElements(kept++, i);
  }
  list.DeleteSubrange(kept, list.size() - kept);
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

v1::PolicySelector Selector::ToMessage() const {
  v1::PolicySelector message;
  message.mutable_hosts()->Assign(hosts_.begin(), hosts_.end());
  message.mutable_intents()->Assign(intents_.begin(), intents_.end());
  return message;
}

template <typename Patterns>
bool Selector::HasAnyOf(const Patterns& patterns) const {
  return patterns.empty() ||
         std::any_of(hosts_.begin(), hosts_.end(),
                     [&](const std::string& host) { return AnyMeets(patterns, host); });
}

void Selector::CutSettings(v1::Policy& policy) const {
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
    const std::string host = std::exchange(led_to.back(), {});
    led_to.pop_back();
    for (int i = 0; i < policy.hosts_size(); ++i) {
      if (!stays[static_cast<size_t>(i)] && AnyMeets(policy.hosts(i).hosts(), host)) keep(i);
    }
  }
  int i = 0;
  KeepIf(*policy.mutable_hosts(), [&](v1::HostDefaults& settings) {
    if (stays[static_cast<size_t>(i++)]) return true;
    v1::Defaults others;
    others.mutable_allowed_hosts()->Swap(settings.mutable_defaults()->mutable_allowed_hosts());
    *settings.mutable_defaults() = std::move(others);
    return !settings.defaults().allowed_hosts().empty();
  });
}

v1::Policy Selector::Cut(v1::Policy part, const RowHosts& row_hosts) const {
  if (is_all()) return part;
  if (hosts_.empty()) {
    part.clear_rules();
    part.clear_maps();
  } else {
    CutSettings(part);
    KeepIf(*part.mutable_rules(),
           [&](const v1::Rule& rule) { return HasAnyOf(rule.match().hosts()); });
    KeepIf(*part.mutable_maps(), [&](const v1::MapFile& map) {
      const auto hosts = row_hosts.find(map.name());
      return hosts == row_hosts.end() || HasAnyOf(hosts->second);
    });
  }
  absl::flat_hash_set<std::string> intents(intents_.begin(), intents_.end());
  for (const v1::Rule& rule : part.rules()) {
    if (rule.has_intent_name()) intents.insert(rule.intent_name());
  }
  auto& named = *part.mutable_intents();
  for (auto it = named.begin(); it != named.end();) {
    it = intents.contains(it->first) ? std::next(it) : named.erase(it);
  }
  return part;
}

}  // namespace fingerpost::policy::compiled
