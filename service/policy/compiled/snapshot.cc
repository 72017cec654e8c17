#include "policy/compiled/snapshot.h"

#include <algorithm>

#include "policy/compiled/allowed_targets.h"
#include "policy/compiled/growth.h"
#include "policy/compiled/intent_faults.h"
#include "policy/compiled/names.h"
#include "policy/compiled/places.h"

namespace fingerpost::policy::compiled {
namespace {

// Every list of the document has a limit, so that its size is not the only bound on compiling.
constexpr int kMaxHostDefaults = 1024;
constexpr int kMaxIntents = 10'000;
constexpr int kMaxRules = 10'000;

// The rule ids of Defaults.require_https and canonical.
constexpr std::string_view kHttpsRule = "https";
constexpr std::string_view kCanonicalRule = "canonical";

void CheckLimit(int size, int limit, std::string_view list, message::Faults& faults) {
  if (size <= limit) return;
  faults.Error(
      list, "has " + std::to_string(size) + " entries; expected at most " + std::to_string(limit));
}

// One rule may be for several hosts, and has one path.
void CheckOfDocument(const v1::Defaults& of_hosts, const message::Place& at,
                     message::Faults& faults) {
  constexpr char kElsewhere[] =
      "is the document's alone; set it in defaults, or in the match of these hosts' rules";
  if (of_hosts.case_() != v1::PATH_CASE_UNSPECIFIED) faults.Error(at["case"], kElsewhere);
  if (of_hosts.trailing_slash() != v1::TRAILING_SLASH_UNSPECIFIED) {
    faults.Error(at["trailing_slash"], kElsewhere);
  }
}

void CompileHostDefaults(const v1::Policy& policy, Snapshot& snapshot, RegexCompiler& regexes,
                         message::Faults& faults) {
  for (int i = 0; i < policy.hosts_size(); ++i) {
    const v1::HostDefaults& source = policy.hosts(i);
    const message::Place at = kHostsPlace[i];
    const message::Place hosts = at["hosts"];
    const message::Place defaults = at["defaults"];
    if (source.hosts().empty()) faults.Error(hosts, "is missing; name the hosts");
    for (int j = 0; j < source.hosts_size(); ++j) {
      const message::Place place = hosts[j];
      const auto host = ParseHostPattern(source.hosts(j));
      if (!host) {
        faults.Error(place, "is not a host; expected \"shop.example.com\" or \".example.com\"");
      } else if (const HostId id = snapshot.hosts.Add(*host); !Grow(snapshot.defaults_of, [&] {
                   return snapshot.defaults_of.emplace(id, snapshot.defaults.size()).second;
                 })) {
        faults.Error(place, "is in two lists; keep one");
      }
    }
    // Fields that are set win, and lists are appended: protobuf's own rule for merging.
    CheckDefaults(source.defaults(), defaults, faults);
    CheckOfDocument(source.defaults(), defaults, faults);
    v1::Defaults merged = policy.defaults();
    // These of a host replace the document's as a whole; nobody would have chosen a mixture.
    if (source.defaults().has_hsts()) merged.clear_hsts();
    if (source.defaults().has_query()) merged.clear_query();
    if (source.defaults().has_canonical()) merged.clear_canonical();
    if (source.defaults().has_cors()) merged.clear_cors();
    merged.MergeFrom(source.defaults());
    snapshot.defaults.push_back(std::move(merged));
    snapshot.https_exempt.emplace_back(source.defaults().https_exempt(), defaults["https_exempt"],
                                       regexes, faults);
  }
}

// Of the settings at `index` in Snapshot::defaults.
message::Place CanonicalPlace(size_t index) {
  return index == 0 ? message::Place("defaults.canonical")
                    : kHostsPlace.Element(static_cast<int>(index) - 1, "defaults.canonical");
}

void CompileIntents(const v1::Policy& policy, Snapshot& snapshot, message::Faults& faults) {
  const AllowedHosts allowed(policy);
  for (const auto& entry : policy.intents()) {
    const std::string& name = entry.first;  // clang 14 captures no structured binding.
    const v1::NamedIntent& named = entry.second;
    const message::Place at = kIntentsPlace.Key(name);
    const message::Place intent = at["intent"];
    const size_t before = faults.errors();
    CheckName(name, at, faults);
    if (!named.has_intent()) {
      faults.Error(at, "has no intent; give it one, such as {purpose: gone}");
    } else {
      CheckTargetHosts(named.intent(), intent, allowed, faults);
      CheckTrust(named.intent(), intent, faults);
      CheckIntent(named.intent(), policy.defaults(), intent, faults);
    }
    NamedIntent compiled = CompileNamedIntent(named, at, faults);
    compiled.broken = faults.errors() > before;
    Grow(snapshot.intents, [&] { snapshot.intents.emplace(name, std::move(compiled)); });
  }
}

void CompileRules(const v1::Policy& policy, Snapshot& snapshot, RegexCompiler& regexes,
                  message::Faults& faults) {
  const AllowedHosts allowed(policy);
  for (int i = 0; i < policy.rules_size(); ++i) {
    Rule rule = CompileRule(policy, i, snapshot.hosts, regexes, faults);
    const message::Place at = kRulesPlace[i];
    const message::Place id = at["id"];
    if (policy.rules(i).has_intent()) {
      AllowedHosts with_own(&allowed);
      with_own.AddOwn(policy.rules(i).match().hosts());
      CheckTargetHosts(policy.rules(i).intent(), at["intent"], with_own, faults);
    }
    if (rule.id == kHttpsRule) {
      faults.Error(id, "is the name of defaults.require_https; choose another");
    } else if (rule.id == kCanonicalRule) {
      faults.Error(id, "is the name of defaults.canonical; choose another");
    }
    snapshot.rules.Add(std::move(rule));
  }
  snapshot.rules.Finish();
}

// The index of the settings for a host that matches `hosts`.
size_t DefaultsIndex(const Snapshot& snapshot, const HostIds& hosts) {
  for (const HostId host : hosts) {
    const auto found = snapshot.defaults_of.find(host);
    if (found != snapshot.defaults_of.end()) return found->second;
  }
  return 0;
}

// By the document's list or by the settings' own.
bool IsExempt(const Snapshot& snapshot, size_t index, std::string_view path) {
  return snapshot.https_exempt.front().Has(path) || snapshot.https_exempt[index].Has(path);
}

bool RequiresHttpsAt(const Snapshot& snapshot, size_t index, std::string_view path) {
  return snapshot.defaults[index].require_https() && !IsExempt(snapshot, index, path);
}

// Index of the settings for `host`, in the URL parser's spelling.
size_t DefaultsIndex(const Snapshot& snapshot, const std::string& host) {
  HostIds hosts;
  snapshot.hosts.Match(host, hosts);
  return DefaultsIndex(snapshot, hosts);
}

// Where the settings of a host lead to another one, what they lead to is that one's own form, and
// that one leads nowhere else: one hop for all. Otherwise there are no forms, so that nobody
// follows them in circles.
void JoinCanonical(Snapshot& snapshot, message::Faults& faults) {
  std::vector<CanonicalForm> joined = snapshot.canonical;
  bool ends = true;
  for (size_t i = 0; i < joined.size(); ++i) {
    if (joined[i].host.empty()) continue;
    const size_t there = DefaultsIndex(snapshot, joined[i].host);
    const CanonicalForm& other = snapshot.canonical[there];
    if (!other.host.empty() && other.host != joined[i].host) {
      const message::Place at = CanonicalPlace(i);
      ends = false;
      faults.Error(at["host"], "is led on to \"" + other.host + "\" by " +
                                   ToString(CanonicalPlace(there)) +
                                   "; name the host that all are led to in both");
    }
    if (snapshot.defaults[there].has_canonical()) {
      joined[i].slash = other.slash;
      joined[i].letter_case = other.letter_case;
    }
  }
  if (!ends) joined.clear();
  snapshot.canonical = std::move(joined);
}

// Whether http is led to another URL of http, where a host that browsers are to preload must lead
// to https first (hstspreload.org).
bool DelaysHttps(const v1::Defaults& defaults) {
  return defaults.hsts().preload() && !defaults.require_https() && defaults.has_canonical();
}

void CheckPreload(const Snapshot& snapshot, message::Faults& faults) {
  for (size_t i = 0; i < snapshot.defaults.size(); ++i) {
    // The document's is told once.
    if (!DelaysHttps(snapshot.defaults[i]) || (i > 0 && DelaysHttps(snapshot.defaults.front()))) {
      continue;
    }
    faults.Warning(i == 0 ? message::Place("defaults")
                          : kHostsPlace.Element(static_cast<int>(i) - 1, "defaults"),
                   "asks with hsts.preload that http leads to https on the same host first "
                   "(hstspreload.org), but canonical leads it elsewhere before; set require_https: "
                   "true");
  }
}

void CompileCanonicals(const v1::Policy& policy, Snapshot& snapshot, message::Faults& faults) {
  const AllowedHosts allowed(policy);
  bool any = false;
  for (size_t i = 0; i < snapshot.defaults.size(); ++i) {
    AllowedHosts with_own(&allowed);
    const bool is_own = i == 0 || policy.hosts(static_cast<int>(i) - 1).defaults().has_canonical();
    if (i > 0) with_own.Add(policy.hosts(static_cast<int>(i) - 1).hosts());
    message::Faults told;  // The document's has been told.
    snapshot.canonical.push_back(CompileCanonical(
        snapshot.defaults[i].canonical(), CanonicalPlace(i), with_own, is_own ? faults : told));
    any = any || snapshot.canonical.back().asks();
  }
  if (any) {
    JoinCanonical(snapshot, faults);
  } else {
    snapshot.canonical.clear();
  }
}

}  // namespace

std::shared_ptr<Snapshot> Compile(const v1::Policy& policy, message::Faults& faults) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->scope = Scope(policy.handed_out(), faults);
  RegexCompiler regexes;
  CheckLimit(policy.hosts_size(), kMaxHostDefaults, "hosts", faults);
  CheckLimit(static_cast<int>(policy.intents_size()), kMaxIntents, "intents", faults);
  CheckLimit(policy.rules_size(), kMaxRules, "rules", faults);
  snapshot->defaults.front() = policy.defaults();
  CheckDefaults(policy.defaults(), "defaults", faults);
  snapshot->https_exempt.emplace_back(policy.defaults().https_exempt(), "defaults.https_exempt",
                                      regexes, faults);
  CompileHostDefaults(policy, *snapshot, regexes, faults);
  CompileCanonicals(policy, *snapshot, faults);
  CheckPreload(*snapshot, faults);
  CompileIntents(policy, *snapshot, faults);
  CompileRules(policy, *snapshot, regexes, faults);
  return snapshot;
}

const v1::Defaults& DefaultsOf(const Snapshot& snapshot, const HostIds& hosts) {
  return snapshot.defaults[DefaultsIndex(snapshot, hosts)];
}

std::optional<http::Url> Canonicalised(const Snapshot& snapshot, const http::Url& url,
                                       const HostIds& hosts, std::string_view path, bool secure) {
  if (snapshot.canonical.empty()) return std::nullopt;
  const size_t index = DefaultsIndex(snapshot, hosts);
  const CanonicalForm& form = snapshot.canonical[index];
  // Who asks for such a path by http is a probe, and follows no redirect.
  if (!form.asks() || (!http::IsHttps(url) && IsExempt(snapshot, index, path))) return std::nullopt;
  if (!secure && !http::IsHttps(url) && !form.host.empty()) {
    secure = RequiresHttpsAt(snapshot, DefaultsIndex(snapshot, form.host), path);
  }
  http::Url canonical = CanonicalUrl(url, form, secure);
  const bool same = canonical.get_hostname() == url.get_hostname() &&
                    canonical.get_pathname() == url.get_pathname();
  return same ? std::nullopt : std::optional(std::move(canonical));
}

bool RequiresHttps(const Snapshot& snapshot, const HostIds& hosts, std::string_view path) {
  return RequiresHttpsAt(snapshot, DefaultsIndex(snapshot, hosts), path);
}

}  // namespace fingerpost::policy::compiled
