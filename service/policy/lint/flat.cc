#include "policy/lint/flat.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/decide/placeholders.h"
#include "policy/lint/chains.h"
#include "policy/lint/client.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Hosts that are tried for a redirect that is for several; with more it stays.
constexpr size_t kMostHosts = 64;
// More than clients follow, so that a long chain becomes one hop in few rounds.
constexpr size_t kMostFlat = 100;

bool IsTemporary(int status) { return status == 302 || status == 303 || status == 307; }

// The code in place of that of the first hop; 0: its own.
int Conservative(const std::vector<Hop>& hops) {
  const int own = hops.front().status;
  const auto has = [&](auto holds) {
    return std::any_of(hops.begin() + 1, hops.end(),
                       [&](const Hop& hop) { return holds(hop.status); });
  };
  if (own != 303 && has([](int status) { return status == 303; })) return 303;
  if (IsTemporary(own) || !has(IsTemporary)) return 0;
  return own == 301 ? 302 : 307;
}

bool IsUnder(std::string_view pattern, std::string_view wide) {
  return wide.empty() || pattern == wide ||
         (wide.starts_with('.') && (pattern.ends_with(wide) || pattern == wide.substr(1)));
}

class Flattener {
 public:
  Flattener(const v1::Policy& policy, const Walker& walker)
      : policy_(policy), walker_(walker), hosts_(walker.hosts()) {
    // Where canonical leads to a host, that is the host of requests.
    const auto& canonical = walker.snapshot().canonical;
    if (!canonical.empty()) hosts_[compiled::kAnyHost] = canonical.front().host;
  }

  [[nodiscard]] std::optional<Flat> OfRule(uint32_t index) const {
    const compiled::Rule& rule = walker_.snapshot().rules.rules()[index];
    const v1::Rule& source = policy_.rules(static_cast<int>(index));
    const std::vector<std::string> urls = SampleUrls(walker_, rule);
    if (urls.empty()) return std::nullopt;
    if (IsRelativePath(source.intent().target()) && !HasOnePath(rule)) return std::nullopt;
    Client client;
    client.Meet(rule);
    std::vector<compiled::HostId> hosts = rule.hosts;
    if (hosts.empty()) hosts.push_back(compiled::kAnyHost);
    auto flat = FlatOf({Node::Kind::kRule, index, 0}, source.intent().target(), urls.front(), hosts,
                       client);
    // What else a rule says about its code is its author's.
    const bool may_change = source.intent().purpose() == v1::PURPOSE_PERMANENT_MOVE &&
                            source.intent().pinned_status() == 0;
    if (flat && flat->status != 0 && (!may_change || flat->status == 303)) return std::nullopt;
    return flat;
  }

  [[nodiscard]] std::optional<Flat> OfRow(const compiled::MapEntry& row,
                                          const std::string& url) const {
    return FlatOf({Node::Kind::kRow, row.map, row.line}, std::string(row.target), url, {row.host},
                  {});
  }

  // Whether it leads on at all, in a way that is to be told.
  [[nodiscard]] bool IsChain(uint32_t index) const {
    const compiled::Rule& rule = walker_.snapshot().rules.rules()[index];
    const v1::Rule& source = policy_.rules(static_cast<int>(index));
    const std::string& target = source.intent().target();
    if (rule.broken || rule.pass || rule.shadow || !source.has_intent() || target.empty() ||
        decide::BeforePlaceholders(target).size() != target.size()) {
      return false;
    }
    Client client;
    if (RepeatsTheRequest(rule.intent.purpose())) client.Meet(rule);
    const Led led = Lead(walker_, target, rule.intent, BaseOf(walker_, rule), client);
    return led.is_chain() && !led.is_gone();
  }

 private:
  // The same on every host that the redirect is for.
  [[nodiscard]] std::optional<Flat> FlatOf(const Node& node, const std::string& target,
                                           const std::string& url,
                                           const std::vector<compiled::HostId>& of,
                                           const Client& client) const {
    auto at = http::ParseUrl(url);
    if (!at) return std::nullopt;
    std::vector<std::string_view> hosts;
    for (const compiled::HostId host : of) {
      const std::vector<std::string_view>& under = HostsUnder(host);
      hosts.insert(hosts.end(), under.begin(), under.end());
    }
    if (hosts.size() > kMostHosts) return std::nullopt;
    std::optional<Flat> flat;
    for (const std::string_view host : hosts) {
      if (!at->set_hostname(HostIn(host))) return std::nullopt;
      const std::string there(at->get_href());
      const Walk walk =
          walker_.Follow(client.Asks(there, walker_.now()), at->get_hostname(), kMostFlat);
      // Another one answers on this host.
      if (walk.hops.empty() || walk.hops.front().node != node) continue;
      if (!IsForEverybody(walk) || !KeepsTheQuery(walk, there, client)) return std::nullopt;
      Flat one = {
          node, target,
          Lead(walker_, target, *IntentOf(walker_.snapshot(), node), *at, client, kMostFlat).better,
          Conservative(walk.hops)};
      if (one.target.empty() ||
          (flat && (flat->target != one.target || flat->status != one.status))) {
        return std::nullopt;
      }
      flat = std::move(one);
    }
    return flat;
  }

  // The hosts that the document names of a pattern; where they are too many, some.
  [[nodiscard]] const std::vector<std::string_view>& HostsUnder(compiled::HostId host) const {
    const auto [under, is_new] = under_.try_emplace(host);
    if (!is_new) return under->second;
    const std::string_view wide = host == compiled::kAnyHost ? "" : hosts_[host];
    if (!wide.empty() && !wide.starts_with('.')) return under->second = {wide};
    for (const std::string_view pattern : hosts_) {
      if (under->second.size() > kMostHosts) break;
      if (IsUnder(pattern, wide)) under->second.push_back(pattern);
    }
    return under->second;
  }

  // Whether each hop after the first one is the same for every request.
  [[nodiscard]] bool IsForEverybody(const Walk& walk) const {
    if (walk.hops.size() < 2) return false;
    if (walk.end != Walk::End::kServed && walk.end != Walk::End::kElsewhere) return false;
    return std::all_of(walk.hops.begin() + 1, walk.hops.end(), [&](const Hop& hop) {
      const v1::Intent* intent = IntentOf(walker_.snapshot(), hop.node);
      if (intent != nullptr &&
          (compiled::MaySleep(*intent) || (intent->purpose() != v1::PURPOSE_UNSPECIFIED &&
                                           !RepeatsTheRequest(intent->purpose())))) {
        return false;
      }
      return hop.node.kind == Node::Kind::kHttps || IsFirst(hop);
    });
  }

  // Whether nothing comes before who answers, and that has no condition.
  [[nodiscard]] bool IsFirst(const Hop& hop) const {
    Node first;
    bool any = true;
    VisitUrl(walker_.snapshot(), hop.url, [&](const compiled::Candidate& candidate) {
      if (candidate.rule == nullptr) {
        first = {Node::Kind::kRow, candidate.entry->map, candidate.entry->line};
        return false;
      }
      const compiled::Rule& rule = *candidate.rule;
      if (rule.shadow) return true;
      const auto index = static_cast<uint32_t>(&rule - walker_.snapshot().rules.rules().data());
      first = {Node::Kind::kRule, index, 0};
      any = rule.methods.empty() && rule.query.empty() && rule.fields.empty() &&
            rule.cookies.empty() && rule.clients.empty() && !rule.languages && !rule.share &&
            rule.exceptions.empty() && rule.intent.weighted_targets().empty();
      return false;
    });
    if (hop.node.kind == Node::Kind::kCanonical) return first.kind == Node::Kind::kNobody;
    return any && first == hop.node;
  }

  // Whether only some names of the request's query pass.
  [[nodiscard]] bool ChoosesParameters(const Hop& hop) const {
    const v1::Intent* intent = IntentOf(walker_.snapshot(), hop.node);
    if (intent != nullptr && intent->has_query()) return !intent->query().allowed_names().empty();
    const auto& defaults = walker_.snapshot().defaults;
    return std::any_of(defaults.begin(), defaults.end(),
                       [](const v1::Defaults& of) { return !of.query().allowed_names().empty(); });
  }

  // Whether the request's query would arrive as it does now.
  [[nodiscard]] bool KeepsTheQuery(const Walk& walk, const std::string& url,
                                   const Client& client) const {
    // One parameter tells nothing of those.
    if (std::any_of(walk.hops.begin(), walk.hops.end(),
                    [this](const Hop& hop) { return ChoosesParameters(hop); })) {
      return false;
    }
    constexpr std::string_view kParameter = "fp=1";
    const bool has_query = url.find('?') != url.npos;
    const std::string with = url + (has_query ? "&" : "?") + std::string(kParameter);
    const Walk other = walker_.Follow(client.Asks(with, walker_.now()), HostOf(url), kMostFlat);
    if (other.hops.size() != walk.hops.size()) return false;
    const auto bare = [](const std::string& text) { return text.substr(0, text.find('#')); };
    const bool keeps = other.hops[1].url.find(kParameter) != std::string::npos;
    if (!keeps) return bare(walk.last) == bare(other.last);
    return walk.last.find('?') == std::string::npos &&
           bare(other.last) == bare(walk.last) + "?" + std::string(kParameter);
  }

  const v1::Policy& policy_;
  const Walker& walker_;
  std::vector<std::string_view> hosts_;
  mutable absl::flat_hash_map<compiled::HostId, std::vector<std::string_view>> under_;
};

}  // namespace

size_t ForEachFlat(const v1::Policy& policy, const Walker& walker, const RowGraph& rows,
                   absl::FunctionRef<void(const Flat&)> visit) {
  const Flattener flattener(policy, walker);
  size_t left = 0;
  const auto take = [&](const std::optional<Flat>& flat) {
    if (flat && flat->target != flat->from) return visit(*flat);
    ++left;
  };
  for (int i = 0; i < policy.rules_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    if (flattener.IsChain(index)) take(flattener.OfRule(index));
  }
  rows.ForEachChain(false, [&](const compiled::MapEntry& row) {
    const std::string url = rows.SampleOf(row);
    if (const auto flat = flattener.OfRow(row, url)) return take(flat);
    const auto base = http::ParseUrl(url);
    if (!base) return;
    const Led led = Lead(walker, row.target, IntentOf(walker.snapshot(), row), *base);
    if (led.is_chain() && !led.is_gone()) take(std::nullopt);
  });
  return left;
}

}  // namespace fingerpost::policy::lint
