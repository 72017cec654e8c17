#include "policy/formats/outgoing.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/decide/placeholders.h"
#include "core/http/url.h"
#include "policy/compiled/kept_query.h"
#include "policy/compiled/path.h"
#include "policy/compiled/places.h"
#include "policy/formats/cat.h"
#include "policy/formats/outgoing_rule.h"
#include "policy/formats/sample_reply.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::string_view kAsk = "keep asking the service there";
constexpr std::string_view kSampleQuery = "?sample=1";
constexpr std::array<std::string_view, 4> kSafe = {"GET", "HEAD", "OPTIONS", "TRACE"};

std::string SampleUrl(const std::string& host, std::string_view path, std::string_view scheme) {
  std::string name = host.empty() ? std::string(kSampleHost) : host;
  if (name.starts_with('.')) name.insert(0, "x");
  return Cat(scheme, "://", name, path, kSampleQuery);
}

// The most specific first.
size_t Rank(const std::string& host) {
  if (host.empty()) return 1'000'000;
  return host.starts_with('.') ? 100'000 - host.size() : 0;
}

class Collector {
 public:
  Collector(const Exported& exported, Report& report)
      : policy_(exported.policy),
        snapshot_(exported.snapshot),
        exported_(exported),
        report_(report) {}

  OutgoingList Run() {
    Upgrades();
    for (int i = 0; i < policy_.rules_size(); ++i) Rule(i);
    Rows();
    NoteOthers();
    std::stable_sort(list_.begin(), list_.end(),
                     [](const Outgoing& a, const Outgoing& b) { return Order(a) < Order(b); });
    return OnHosts();
  }

 private:
  // By class; exact paths by host, a row after a rule, the most parameters first; prefixes by
  // length and host.
  static std::tuple<int, size_t, size_t, size_t, int> Order(const Outgoing& one) {
    if (one.act == Act::kUpgrade) return {0, 0, 0, 0, 0};
    const bool folds = one.ignore_case || one.either_slash;
    const int asked = one.is_row && one.conditions != nullptr ? one.conditions->query_size() : 0;
    if (one.source == Source::kExact) return {1, Rank(one.host), folds, one.is_row, -asked};
    if (one.source == Source::kPattern) return {3, 0, 0, 0, 0};
    if (one.groups != nullptr) return {4, 0, 0, 0, 0};  // Without a path.
    return {2, one.path == "/" ? 100'000 : 99'999 - one.path.size(), Rank(one.host), 0, 0};
  }

  [[nodiscard]] Place PlaceOf(const message::Place& at) const { return exported_.where(at); }

  // What names no host is for those that were asked for.
  OutgoingList OnHosts() {
    if (exported_.hosts.empty()) return std::move(list_);
    OutgoingList all;
    for (Outgoing& one : list_) {
      if (!one.host.empty()) {
        all.push_back(std::move(one));
        continue;
      }
      for (const std::string& host : exported_.hosts) {
        all.push_back(one);
        all.back().host = host;
      }
    }
    return all;
  }

  // The first settings of hosts below `scope` under which a request may stay on http. Settings have
  // what the document's have, and nothing of those of a domain above.
  [[nodiscard]] std::string ExceptionWithin(const std::string& scope) const {
    if (!scope.empty() && !scope.starts_with('.')) return {};
    for (int i = 0; i < policy_.hosts_size(); ++i) {
      const v1::Defaults& own = policy_.hosts(i).defaults();
      const bool requires_https =
          own.has_require_https() ? own.require_https() : policy_.defaults().require_https();
      if (requires_https && own.https_exempt_size() == 0) continue;
      for (const std::string& written : policy_.hosts(i).hosts()) {
        const std::string host = compiled::ParseHostPattern(written).value_or(written);
        if (host == scope || !("." + host).ends_with(scope)) continue;
        return Cat("hosts[", i, "], ", host);
      }
    }
    return {};
  }

  // require_https, where it holds without exceptions.
  void Upgrades() {
    const auto add = [this](const v1::Defaults& defaults, const std::string& host,
                            const message::Place& at) {
      if (!defaults.require_https()) return;
      if (defaults.https_exempt_size() > 0) {
        return report_.Skip(PlaceOf(at), "require_https has exceptions (https_exempt)",
                            "write them where TLS ends");
      }
      if (const std::string where = ExceptionWithin(host); !where.empty()) {
        return report_.Skip(PlaceOf(at), Cat("require_https has exceptions (", where, ")"),
                            "set it for the hosts that it is for, or write it where TLS ends");
      }
      v1::Intent intent;
      intent.set_purpose(v1::PURPOSE_HTTPS_UPGRADE);
      intent.set_trust(v1::TRUST_POLICY);
      Outgoing out;
      out.place = PlaceOf(at);
      out.id = "https";
      out.host = host;
      out.act = Act::kUpgrade;
      out.source = Source::kPrefix;
      out.path = "/";
      out.query = v1::QUERY_MODE_KEEP;
      const std::string why = Ask(out, SampleUrl(host, "/x", "http"), {"", "", intent}, {});
      if (!why.empty()) return report_.Skip(out.place, why, kAsk);
      list_.push_back(std::move(out));
    };
    add(policy_.defaults(), "", "defaults.require_https");
    for (int i = 0; i < policy_.hosts_size(); ++i) {
      if (!policy_.hosts(i).defaults().has_require_https()) continue;
      for (const std::string& host : policy_.hosts(i).hosts()) {
        v1::Defaults defaults = policy_.hosts(i).defaults();
        defaults.mutable_https_exempt()->MergeFrom(policy_.defaults().https_exempt());
        add(defaults, compiled::ParseHostPattern(host).value_or(host),
            compiled::kHostsPlace.Element(i, "defaults.require_https"));
      }
    }
  }

  // Fills in the replies. Returns why there is none, or nothing.
  std::string Ask(Outgoing& out, const std::string& url, Sample sample, const v1::Match& match) {
    std::string_view safe = match.methods_size() == 0 ? "GET" : "";
    std::string_view unsafe = match.methods_size() == 0 ? "POST" : "";
    for (const std::string& method : match.methods()) {
      const bool is_safe = std::find(kSafe.begin(), kSafe.end(), method) != kSafe.end();
      std::string_view& first = is_safe ? safe : unsafe;
      if (first.empty()) first = method;
    }
    sample.url = url;
    bool keeps = false;
    std::string what;
    for (const auto& [method, reply] :
         {std::pair(safe, &out.safe), std::pair(unsafe, &out.unsafe)}) {
      if (method.empty()) continue;
      sample.method = method;
      SampleReply answered = ReplyTo(snapshot_, sample);
      *reply = std::move(answered.reply);
      keeps = keeps || answered.keeps_query;
      if (*reply != nullptr && (*reply)->code != 0) continue;
      what = std::move(answered.what);
      *reply = std::make_shared<const Reply>();
    }
    if (keeps && out.query == v1::QUERY_MODE_UNSPECIFIED) out.query = v1::QUERY_MODE_KEEP;
    const bool leads = (out.safe != nullptr && out.safe->code != 0) ||
                       (out.safe == nullptr && out.unsafe != nullptr && out.unsafe->code != 0);
    return leads ? "" : Cat("answers with ", what, ", which is no plain redirect");
  }

  // Of the target's own query and the mode that was wished for.
  static v1::QueryMode ModeOf(const v1::Intent& intent, const v1::QueryWish* wish,
                              const std::string& target) {
    v1::QueryMode mode = intent.query().mode();
    if (mode == v1::QUERY_MODE_UNSPECIFIED && wish != nullptr) mode = wish->mode();
    const bool own = target.find('?') != target.npos;
    if (own) return mode == v1::QUERY_MODE_KEEP ? v1::QUERY_MODE_DROP : mode;
    const bool joins = mode != v1::QUERY_MODE_DROP && mode != v1::QUERY_MODE_UNSPECIFIED;
    return joins ? v1::QUERY_MODE_KEEP : mode;
  }

  void Rule(int index) {
    const v1::Rule& source = policy_.rules(index);
    const compiled::Rule& rule = snapshot_.rules.rules()[static_cast<size_t>(index)];
    Outgoing out;
    out.place = PlaceOf(compiled::kRulesPlace[index]);
    out.id = rule.id;
    if (rule.shadow) {
      return report_.Note(out.place, "is in shadow mode and never answers", "it is not exported");
    }
    std::string_view unsayable = Unsayable(source.match());
    if (unsayable.empty()) unsayable = Unsayable(rule.intent);
    if (!unsayable.empty()) {
      return report_.Skip(out.place, Cat("has ", unsayable, ", which the format does not have"),
                          kAsk);
    }
    SetPath(rule, out);
    SetConditions(source.match(), out);
    std::vector<std::string> hosts;
    for (const std::string& host : source.match().hosts()) {
      hosts.push_back(compiled::ParseHostPattern(host).value_or(host));
    }
    if (hosts.empty()) hosts.emplace_back();
    if (rule.pass) {
      out.act = Act::kLeave;
    } else if (!Leads(source.match(), rule, hosts, out)) {
      return;
    }
    for (const std::string& host : hosts) {
      out.host = host;
      list_.push_back(out);
    }
  }

  // The target of a rule. False: it is not sayable, as was reported.
  bool Leads(const v1::Match& match, const compiled::Rule& rule,
             const std::vector<std::string>& hosts, Outgoing& out) {
    if (compiled::OnlyCanonicalises(rule.intent) && !LeadsElsewhere(rule.intent, hosts, out)) {
      report_.Skip(out.place,
                   "leaves a URL alone that is its target already, which the format does not",
                   "name in match.hosts only the hosts that are led elsewhere");
      return false;
    }
    if (const std::string name = UnknownValue(rule, out); !name.empty()) {
      report_.Skip(out.place, Cat("its target has {", name, "}, which is no part of the path"),
                   kAsk);
      return false;
    }
    const std::string path = out.source == Source::kPattern ? "/x"
                             : out.source == Source::kPrefix
                                 ? out.path + (out.path.ends_with('/') ? "x" : "/x")
                                 : out.path;
    const v1::QueryWish* wish = compiled::QueryOf(rule, DefaultsFor(hosts[0]));
    out.query = ModeOf(rule.intent, wish, rule.intent.target());
    const std::string url = SampleUrl(hosts[0], path, "https");
    const std::string why = Ask(out, url, {"", "", rule.intent, &rule, wish, &match}, match);
    if (!why.empty()) {
      report_.Skip(out.place, why, kAsk);
      return false;
    }
    if (out.query == v1::QUERY_MODE_UNSPECIFIED) out.query = v1::QUERY_MODE_DROP;
    if (out.reply().code >= 400) return true;
    out.target = Serialised(rule.intent.target(), out);
    if (out.target.empty()) {
      report_.Skip(out.place, "its target is relative to the request's path",
                   "write a target with \"/\" first");
    }
    return !out.target.empty();
  }

  [[nodiscard]] const v1::Defaults& DefaultsFor(const std::string& host) const {
    compiled::HostIds ids;
    snapshot_.hosts.Match(host.starts_with('.') ? "x" + host : host, ids);
    return compiled::DefaultsOf(snapshot_, ids);
  }

  void Rows() {
    const std::vector<std::string_view> hosts = snapshot_.hosts.Patterns();
    snapshot_.rules.maps().ForEach(
        [&](const compiled::MapEntry& entry) { Row(entry, std::string(hosts[entry.host])); });
  }

  void Row(const compiled::MapEntry& entry, const std::string& host) {
    const v1::MapFile& map = policy_.maps(entry.map);
    const v1::Intent& intent = snapshot_.maps[entry.map].intents[entry.code];
    Outgoing out;
    out.place = {entry.line, exported_.files[entry.map]};
    out.is_row = true;
    out.id = Cat(map.name(), ":", entry.line);
    out.host = host;
    out.path = entry.path;
    const compiled::Folding folding =
        compiled::FoldingOf(map.case_(), map.trailing_slash(), policy_.defaults());
    out.ignore_case = compiled::FoldsCase(folding);
    out.either_slash = compiled::FoldsSlash(folding);
    std::string_view unsayable = Unsayable(intent);
    if (!entry.query.empty() && map.exact_query()) unsayable = "exact_query";
    if (!unsayable.empty()) {
      return report_.Skip(out.place, Cat("has ", unsayable, ", which the format does not have"),
                          kAsk);
    }
    out.conditions = QueryConditions(entry.query);
    const Known& known = Answer(entry, host, out);
    if (known.safe == nullptr) return report_.Skip(out.place, known.why, kAsk);
    out.safe = known.safe;
    out.unsafe = known.unsafe;
    if (out.safe->code < 400) {
      out.target = Serialised(std::string(entry.target), out);
      const v1::Defaults& defaults = DefaultsFor(host);
      out.query = ModeOf(intent, defaults.has_query() ? &defaults.query() : nullptr, out.target);
      if (out.query == v1::QUERY_MODE_UNSPECIFIED) out.query = known.query;
    }
    out.takes_query = out.conditions != nullptr && out.query != v1::QUERY_MODE_DROP;
    list_.push_back(std::move(out));
  }

  // What rows of one map, code and settings have in common.
  struct Known {
    ReplyPtr safe, unsafe;  // Null: no redirect.
    std::string why;        // Then.
    v1::QueryMode query = v1::QUERY_MODE_DROP;
  };

  const Known& Answer(const compiled::MapEntry& entry, const std::string& host, Outgoing& out) {
    const v1::Defaults& defaults = DefaultsFor(host);
    const auto [found, is_new] = known_.try_emplace({entry.map, entry.code, &defaults});
    if (!is_new) return found->second;
    v1::Intent intent = snapshot_.maps[entry.map].intents[entry.code];
    intent.set_target(std::string(entry.target));
    out.query = v1::QUERY_MODE_UNSPECIFIED;
    const v1::QueryWish* wish = defaults.has_query() ? &defaults.query() : nullptr;
    std::string why =
        Ask(out, SampleUrl(host, out.path, "https"), {"", "", intent, nullptr, wish, nullptr}, {});
    if (why.empty()) {
      found->second = {out.safe, out.unsafe, "", out.query};
    } else {
      found->second.why = std::move(why);
    }
    if (found->second.query == v1::QUERY_MODE_UNSPECIFIED)
      found->second.query = v1::QUERY_MODE_DROP;
    return found->second;
  }

  // What holds for the whole document.
  void NoteOthers() {
    if (policy_.defaults().has_canonical()) {
      report_.Skip(PlaceOf("defaults.canonical"), "leads every other form of a URL to one",
                   "write rules for the hosts that are led to another one");
    }
    for (int i = 0; i < policy_.hosts_size(); ++i) {
      const message::Place at = compiled::kHostsPlace.Element(i, "defaults");
      if (policy_.hosts(i).defaults().has_canonical()) {
        report_.Skip(PlaceOf(at), "leads every other form of a URL to one",
                     "write rules for the hosts that are led to another one");
      }
      v1::Defaults others = policy_.hosts(i).defaults();
      for (const char* name :
           {"allowed_hosts", "require_https", "https_exempt", "canonical", "hsts"}) {
        const auto* field = v1::Defaults::descriptor()->FindFieldByName(name);
        others.GetReflection()->ClearField(&others, field);
      }
      if (others.ByteSizeLong() == 0) continue;
      report_.Change(PlaceOf(at),
                     "rules and rows for every host have the document's defaults there, too",
                     "name the hosts in match.hosts");
    }
    if (policy_.intents_size() > 0) {
      report_.Note({0, 0}, "backends ask for its named intents", "they are not exported");
    }
    if (policy_.defaults().has_hsts()) {
      report_.Note(PlaceOf("defaults.hsts"), "Strict-Transport-Security is not exported",
                   "let the server send it with every answer");
    }
  }

  using Common = std::tuple<uint8_t, uint8_t, const v1::Defaults*>;

  const v1::Policy& policy_;
  const compiled::Snapshot& snapshot_;
  const Exported& exported_;
  Report& report_;
  OutgoingList list_;
  absl::flat_hash_map<Common, Known> known_;
};

}  // namespace

OutgoingList OutgoingOf(const Exported& exported, Report& report) {
  return Collector(exported, report).Run();
}

}  // namespace fingerpost::policy::formats
