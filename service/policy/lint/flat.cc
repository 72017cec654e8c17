#include "policy/lint/flat.h"

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/decide/placeholders.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/lint/chains.h"
#include "policy/lint/client.h"
#include "policy/lint/flat_proof.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Hosts that are tried for a redirect that is for several; with more it stays.
constexpr size_t kMostHosts = 64;
// More than clients follow, so that a long chain becomes one hop in few rounds.
constexpr size_t kMostFlat = 100;

bool IsTemporary(int status) { return status == 302 || status == 303 || status == 307; }

// "CHAINS left, which": see Flat::left.
constexpr std::string_view kDepends = "end elsewhere for some requests or depend on them";
constexpr std::string_view kDoesMore = "would lose what an answer on the way does beside";
constexpr std::string_view kCode = "need another code than their author's";
constexpr std::string_view kHost = "end on a host that their targets may not name";

bool BecomesGet(int status) { return status == 301 || status == 302; }

// The code in place of that of the first hop; 0: its own.
int Conservative(const std::vector<Hop>& hops) {
  const int own = hops.front().status;
  const auto has = [&](auto holds) {
    return std::any_of(hops.begin(), hops.end(), [&](const Hop& hop) { return holds(hop.status); });
  };
  const bool is_temporary = has(IsTemporary), becomes_get = has(BecomesGet);
  int code = is_temporary ? (becomes_get ? 302 : 307) : (becomes_get ? 301 : 308);
  if (has([](int status) { return status == 303; })) code = 303;
  return code == own ? 0 : code;
}

class Flattener {
 public:
  Flattener(const v1::Policy& policy, const Walker& walker)
      : policy_(policy), walker_(walker), hosts_(walker.hosts()) {
    // Where canonical leads to a host, that is the host of requests.
    const auto& canonical = walker.snapshot().canonical;
    if (!canonical.empty()) hosts_[compiled::kAnyHost] = canonical.front().host;
  }

  [[nodiscard]] Flat OfRule(uint32_t index) const {
    const compiled::Rule& rule = walker_.snapshot().rules.rules()[index];
    Chain chain = {
        {{Node::Kind::kRule, index, 0}, policy_.rules(static_cast<int>(index)).intent().target()},
        rule.path_kind,
        rule.folding,
        rule.path};
    const std::vector<std::string> urls = SampleUrls(walker_, rule);
    if (urls.empty() || (!HasOnePath(rule) && DependsOnPath(rule, chain.flat.from))) {
      return Left(std::move(chain.flat), kDepends);
    }
    chain.url = urls.front();
    chain.client.Meet(rule);
    chain.methods = rule.methods;
    chain.hosts = rule.hosts;
    if (chain.hosts.empty()) chain.hosts.push_back(compiled::kAnyHost);
    return FlatOf(chain);
  }

  [[nodiscard]] Flat OfRow(const compiled::MapEntry& row, const std::string& url) const {
    const v1::MapFile& map = policy_.maps(row.map);
    Chain chain = {{{Node::Kind::kRow, row.map, row.line}, std::string(row.target)},
                   compiled::Conditions::Path::kExact,
                   compiled::FoldingOf(map.case_(), map.trailing_slash(), policy_.defaults()),
                   std::string(row.path)};
    chain.url = url;
    chain.hosts = {row.host};
    chain.code_of_row = row.code;
    return FlatOf(chain);
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
  // A redirect that is led on.
  struct Chain {
    Flat flat;
    // What it matches.
    compiled::Conditions::Path kind;
    compiled::Folding folding;
    std::string path;
    std::string url = {};  // For example.
    std::vector<compiled::HostId> hosts = {};
    std::vector<std::string> methods = {};  // Empty: every one.
    Client client = {};
    uint8_t code_of_row = 0;
  };

  static Flat Left(Flat flat, std::string_view why) {
    flat.left = why;
    return flat;
  }

  // Whether another target answers more or fewer of the rule's requests, or by their paths.
  [[nodiscard]] bool DependsOnPath(const compiled::Rule& rule, std::string_view target) const {
    return IsRelativePath(target) || compiled::OnlyCanonicalises(rule.intent) ||
           policy_.defaults().https_exempt_size() > 0 ||
           std::any_of(policy_.hosts().begin(), policy_.hosts().end(),
                       [](const v1::HostDefaults& hosts) {
                         return hosts.defaults().https_exempt_size() > 0;
                       });
  }

  // A path where that is what the target is; else, or where that would not be the same for every
  // request, the whole URL.
  [[nodiscard]] Flat FlatOf(const Chain& chain) const {
    Flat flat = FlatAs(chain, false);
    if (flat.left.empty()) return flat;
    Flat url = FlatAs(chain, true);
    return url.left.empty() ? url : flat;
  }

  // The same on every host that the redirect is for.
  [[nodiscard]] Flat FlatAs(const Chain& chain, bool as_url) const {
    Flat flat = chain.flat;
    auto at = http::ParseUrl(chain.url);
    if (!at) return Left(std::move(flat), kDepends);
    std::vector<std::string_view> hosts;
    for (const compiled::HostId host : chain.hosts) {
      const std::vector<std::string_view>& under = HostsUnder(host);
      hosts.insert(hosts.end(), under.begin(), under.end());
    }
    if (hosts.size() > kMostHosts) return Left(std::move(flat), kDepends);
    bool is_new = true;
    for (const std::string_view host : hosts) {
      if (!at->set_hostname(HostIn(host))) return Left(std::move(flat), kDepends);
      const std::string there(at->get_href());
      const Walk walk =
          walker_.Follow(chain.client.Asks(there, walker_.now()), at->get_hostname(), kMostFlat);
      if (walk.hops.empty() || walk.hops.front().node != flat.node) {
        if (AlwaysAnswersAnother(chain, there)) continue;
        return Left(std::move(flat), kDepends);
      }
      if (!IsForEverybody(walk) || !KeepsTheQuery(walk, there, chain.client)) {
        return Left(std::move(flat), kDepends);
      }
      const Led led = Lead(walker_, flat.from, *IntentOf(walker_.snapshot(), flat.node), *at,
                           chain.client, kMostFlat);
      if (led.better.empty()) return Left(std::move(flat), led.does_more ? kDoesMore : kDepends);
      std::string target = led.better;
      if (as_url && target.starts_with('/')) target = led.walk.last;
      const int status = Conservative(walk.hops);
      const bool is_same = is_new || (flat.target == target && flat.status == status);
      if (!is_same || target.find(kSampleHost) != std::string::npos) {
        return Left(std::move(flat), kDepends);
      }
      is_new = false;
      flat.target = std::move(target);
      flat.status = status;
    }
    if (is_new || flat.target == flat.from) return Left(std::move(flat), kDepends);
    if (!MaySay(policy_, flat)) return Left(std::move(flat), kHost);
    if (!MayHaveCode(policy_, walker_.snapshot(), flat, chain.code_of_row)) {
      return Left(std::move(flat), kCode);
    }
    return IsProved(chain, flat, hosts) ? flat : Left(std::move(flat), kDepends);
  }

  // Whether samples of its requests end where they did.
  [[nodiscard]] bool IsProved(const Chain& chain, const Flat& flat,
                              const std::vector<std::string_view>& hosts) const {
    struct Variant {
      const char* scheme;
      const char* port;
      const char* method;
      bool has_query;
    };
    constexpr std::array<Variant, 5> kVariants = {{{"https", "", "GET", false},
                                                   {"http", "", "GET", false},
                                                   {"https", "8443", "GET", true},
                                                   {"https", "", "POST", true},
                                                   {"http", "", "PUT", false}}};
    auto at = http::ParseUrl(chain.url);
    for (const std::string_view host : hosts) {
      at->set_hostname(HostIn(host));
      for (const Variant& variant : kVariants) {
        http::Url url = *at;
        url.set_protocol(variant.scheme);
        url.set_port(variant.port);
        std::string text(url.get_href());
        if (variant.has_query) text += (url.has_search() ? "&" : "?") + std::string("fp=1");
        v1::DecideRequest asked = chain.client.Asks(text, walker_.now());
        if (chain.methods.empty()) asked.mutable_request()->set_method(variant.method);
        if (!EndsAsBefore(walker_, asked, flat, kMostFlat)) return false;
        for (const std::string& method : chain.methods) {
          asked.mutable_request()->set_method(method);
          if (!EndsAsBefore(walker_, asked, flat, kMostFlat)) return false;
        }
      }
    }
    return true;
  }

  // Whether another one answers there whatever the redirect matches.
  [[nodiscard]] bool AlwaysAnswersAnother(const Chain& chain, const std::string& url) const {
    bool always = false;
    VisitUrl(walker_.snapshot(), url, [&](const compiled::Candidate& candidate) {
      if (candidate.rule == nullptr) {
        always = chain.kind == compiled::Conditions::Path::kExact &&
                 chain.folding == compiled::Folding::kNone && candidate.entry->query.empty();
        return false;
      }
      const compiled::Rule& rule = *candidate.rule;
      if (rule.shadow) return true;
      always = HasNoConditions(rule) && rule.path_kind == chain.kind &&
               rule.folding == chain.folding && rule.path == chain.path &&
               rule.path_kind != compiled::Conditions::Path::kPattern;
      return false;
    });
    return always;
  }

  static bool HasNoConditions(const compiled::Rule& rule) {
    return rule.methods.empty() && rule.query.empty() && rule.fields.empty() &&
           rule.cookies.empty() && rule.clients.empty() && !rule.languages && !rule.share &&
           rule.exceptions.empty() && rule.intent.weighted_targets().empty() &&
           !compiled::MaySleep(rule.intent);
  }

  // The hosts that the document names of a pattern; where they are too many, some.
  [[nodiscard]] const std::vector<std::string_view>& HostsUnder(compiled::HostId host) const {
    const auto [under, is_new] = under_.try_emplace(host);
    if (!is_new) return under->second;
    const std::string_view wide = host == compiled::kAnyHost ? "" : hosts_[host];
    if (!wide.empty() && !wide.starts_with('.')) return under->second = {wide};
    for (const std::string_view pattern : hosts_) {
      if (under->second.size() > kMostHosts) break;
      if (wide.empty() || compiled::IsHostWithin(pattern, wide)) under->second.push_back(pattern);
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
      any = HasNoConditions(rule);
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

  // Whether another row with a query is for the path, so that some queries end there.
  [[nodiscard]] bool AsksForAQuery(const Hop& hop) const {
    const auto hash = [](std::string_view path) {
      return absl::HashOf(compiled::Folded(path, compiled::Folding::kBoth));
    };
    if (!with_query_) {
      with_query_.emplace();
      walker_.snapshot().rules.maps().ForEach([&](const compiled::MapEntry& row) {
        if (!row.query.empty()) ++(*with_query_)[hash(row.path)];
      });
    }
    const auto url = http::ParseUrl(hop.url);
    if (!url) return true;
    std::string buffer;
    const auto found = with_query_->find(hash(compiled::NormalPath(url->get_pathname(), buffer)));
    // One of them may be the answer itself.
    size_t own = 0;
    VisitUrl(walker_.snapshot(), hop.url, [&own](const compiled::Candidate& candidate) {
      own = candidate.rule == nullptr && !candidate.entry->query.empty() ? 1 : 0;
      return false;
    });
    return found != with_query_->end() && (own == 0 || found->second > own);
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
    if (std::any_of(other.hops.begin() + 1, other.hops.end(), [&](const Hop& hop) {
          return hop.url.find(kParameter) != std::string::npos && AsksForAQuery(hop);
        })) {
      return false;
    }
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
  // How many rows have a query, by the hash of their path; filled in when that is asked for.
  mutable std::optional<absl::flat_hash_map<size_t, uint32_t>> with_query_;
};

}  // namespace

void ForEachFlat(const v1::Policy& policy, const Walker& walker, const RowGraph& rows,
                 absl::FunctionRef<void(Flat)> visit) {
  const Flattener flattener(policy, walker);
  for (int i = 0; i < policy.rules_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    if (flattener.IsChain(index)) visit(flattener.OfRule(index));
  }
  rows.ForEachChain(false, [&](const compiled::MapEntry& row) {
    const std::string url = rows.SampleOf(row);
    Flat flat = flattener.OfRow(row, url);
    if (flat.left.empty()) return visit(std::move(flat));
    const auto base = http::ParseUrl(url);
    if (!base) return;
    const Led led = Lead(walker, row.target, IntentOf(walker.snapshot(), row), *base);
    if (led.is_chain() && !led.is_gone()) visit(std::move(flat));
  });
}

}  // namespace fingerpost::policy::lint
