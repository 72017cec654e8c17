#include "policy/lint/chains.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "core/decide/status_facts.h"
#include "policy/compiled/places.h"
#include "policy/lint/client.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

constexpr size_t kMostNames = 10;

bool HasPlaceholder(std::string_view target) {
  return decide::BeforePlaceholders(target).size() != target.size();
}

// Whether it is a URL, or begins with a host.
bool HasOrigin(std::string_view target) {
  const auto elsewhere = http::ParseUrl("https://elsewhere.invalid/");
  const auto url = http::ParseUrl(target, &*elsewhere);
  return url && !http::SameOrigin(*url, *elsewhere);
}

// The redirects of `walk` after its first one.
Walk AfterFirst(Walk walk) {
  walk.hops.erase(walk.hops.begin());
  return walk;
}

// Whether an answer on the way depends on more than the URL.
bool IsConditional(const compiled::Snapshot& snapshot, const Walk& walk) {
  return std::any_of(walk.hops.begin(), walk.hops.end(), [&](const Hop& hop) {
    if (hop.node.kind != Node::Kind::kRule) return false;
    const compiled::Rule& rule = snapshot.rules.rules()[hop.node.index];
    return !rule.methods.empty() || !rule.query.empty() || !rule.fields.empty() ||
           !rule.cookies.empty() || !rule.clients.empty() || rule.languages || rule.share ||
           !rule.exceptions.empty() || compiled::MaySleep(rule.intent);
  });
}

// Whether a redirect captures labels of the request's host.
bool CapturesLabels(const compiled::Snapshot& snapshot, const Walk& walk, std::string_view host) {
  return std::any_of(walk.hops.begin(), walk.hops.end(), [&](const Hop& hop) {
    return hop.node.kind == Node::Kind::kRule && HostOf(hop.url) == host &&
           !snapshot.rules.rules()[hop.node.index].host_ends.empty();
  });
}

// What an answer does beside its redirect.
v1::Intent Beside(const v1::Intent& intent) {
  v1::Intent more;
  *more.mutable_cookies() = intent.cookies();
  *more.mutable_robots() = intent.robots();
  *more.mutable_links() = intent.links();
  if (intent.has_cors()) *more.mutable_cors() = intent.cors();
  if (intent.has_flash()) *more.mutable_flash() = intent.flash();
  if (intent.has_hsts()) *more.mutable_hsts() = intent.hsts();
  return more;
}

// Whether a redirect on the way does more than that, and more than the answer of `of` on `host`.
bool DoesMore(const compiled::Snapshot& snapshot, const Walk& walk, const v1::Intent& of,
              std::string_view host) {
  return std::any_of(walk.hops.begin(), walk.hops.end(), [&](const Hop& hop) {
    const v1::Intent* intent = IntentOf(snapshot, hop.node);
    if (intent == nullptr) return false;
    const std::string more = Beside(*intent).SerializeAsString();
    return !more.empty() && (HostOf(hop.url) != host || more != Beside(of).SerializeAsString());
  });
}

class Chains {
 public:
  Chains(const v1::Policy& policy, const Walker& walker, const Names& names,
         message::Faults& faults)
      : policy_(policy), walker_(walker), names_(names), faults_(faults) {}

  void LintRule(int index) {
    const compiled::Rule& rule = walker_.snapshot().rules.rules()[static_cast<size_t>(index)];
    if (rule.broken || rule.pass) return;
    const bool is_own = policy_.rules(index).has_intent();
    const message::Place at =
        compiled::kRulesPlace.Element(index, is_own ? "intent" : "intent_name");
    // The named intent's own fault says it.
    Client client;
    client.Meet(rule);
    if (is_own) {
      LintTargets(rule.intent, BaseOf(walker_, rule), at, HasOnePath(rule), client);
    }
    if (!rule.shadow && HasPlaceholder(rule.intent.target())) {
      LintSample(rule, static_cast<uint32_t>(index), is_own ? at["target"] : at);
    }
  }

  // `one_path`: `base` has the only path of the request.
  void LintTargets(const v1::Intent& intent, const http::Url& base, const message::Place& at,
                   bool one_path, const Client& client = {}) {
    decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
      if (target.empty() || HasPlaceholder(target)) return;
      // Else the client goes on with GET.
      const bool repeats = RepeatsTheRequest(intent.purpose());
      Led led = Lead(walker_, target, intent, base, repeats ? client : Client());
      if (!one_path && IsRelativePath(target)) led.better.clear();
      Tell(led, place, "");
    });
  }

 private:
  // What the request puts into a target is known for a sample only. Another one has to go the same
  // way, for one may happen to be a rule's own path.
  void LintSample(const compiled::Rule& rule, uint32_t index, const message::Place& at) {
    const Walk walk = Sampled(rule, 'x');
    if (walk.hops.empty() || walk.hops.front().node != Node{Node::Kind::kRule, index, 0}) return;
    const Walk other = Sampled(rule, 'q');
    const bool same =
        walk.end == other.end && walk.node == other.node &&
        std::equal(walk.hops.begin(), walk.hops.end(), other.hops.begin(), other.hops.end(),
                   [](const Hop& a, const Hop& b) { return a.node == b.node; });
    // The form that canonical wants is the request's own.
    const bool leads =
        walk.end == Walk::End::kGone ||
        std::any_of(walk.hops.begin() + 1, walk.hops.end(), [](const Hop& hop) {
          return hop.node.kind == Node::Kind::kRule || hop.node.kind == Node::Kind::kRow;
        });
    const auto from = http::ParseUrl(walk.hops.front().url);
    const auto last = http::ParseUrl(walk.last);
    if (!same || !leads || !from || !last) return;
    const bool same_host = from->get_host() == last->get_host();
    const std::string as =
        absl::StrCat("as ", std::string(from->get_pathname()), " does to ",
                     std::string(same_host ? http::FromPathOn(*last) : last->get_href()));
    Tell({AfterFirst(walk), ""}, at, as);
  }

  [[nodiscard]] Walk Sampled(const compiled::Rule& rule, char letter) const {
    const std::vector<std::string> urls = SampleUrls(walker_, rule, letter);
    if (urls.empty()) return {};
    Client client;
    client.Meet(rule);
    return walker_.Follow(client.Asks(urls.front(), walker_.now()), HostOf(urls.front()));
  }

  void Tell(const Led& led, const message::Place& at, const std::string& as) {
    if ((led.is_chain() || led.is_gone()) && !faults_.Has(at)) {
      faults_.Warning(at, TextOf(led, walker_.snapshot(), names_, as));
    }
  }

  const v1::Policy& policy_;
  const Walker& walker_;
  const Names& names_;
  message::Faults& faults_;
};

}  // namespace

http::Url AnyBase(const compiled::Snapshot& snapshot) {
  const bool leads = !snapshot.canonical.empty() && !snapshot.canonical.front().host.empty();
  const auto url = http::ParseUrl(absl::StrCat(
      "https://", leads ? snapshot.canonical.front().host : std::string(kSampleHost), "/x"));
  return *url;
}

http::Url BaseOf(const Walker& walker, const compiled::Rule& rule) {
  http::Url any = AnyBase(walker.snapshot());
  const std::vector<std::string> urls = SampleUrls(walker, rule);
  const auto sample = urls.empty() ? std::nullopt : http::ParseUrl(urls.front());
  if (!sample) return any;
  if (!rule.hosts.empty()) return *sample;
  any.set_pathname(sample->get_pathname());
  return any;
}

bool IsRelativePath(std::string_view target) {
  return !target.starts_with('/') && !HasOrigin(target);
}

bool HasOnePath(const compiled::Rule& rule) {
  return rule.path_kind == compiled::Conditions::Path::kExact &&
         rule.folding == compiled::Folding::kNone;
}

Led Lead(const Walker& walker, std::string_view target, const v1::Intent& of, const http::Url& base,
         const Client& client, size_t most) {
  const auto url = http::ParseUrl(target, &base);
  if (!url || !http::IsHttp(*url)) return {};
  v1::DecideRequest asked = client.Asks("", walker.now());
  asked.mutable_request()->set_url(std::string(url->get_href()));
  Led led = {walker.Follow(std::move(asked), base.get_hostname(), most), ""};
  // What a rule with a fault answers is not known.
  const auto is_broken = [&](const Node& node) {
    return node.kind == Node::Kind::kRule && walker.snapshot().rules.rules()[node.index].broken;
  };
  if (is_broken(led.walk.node) ||
      std::any_of(led.walk.hops.begin(), led.walk.hops.end(),
                  [&](const Hop& hop) { return is_broken(hop.node); })) {
    return {};
  }
  const auto last = http::ParseUrl(led.walk.last);
  if (!last || led.walk.hops.empty() || led.walk.end == Walk::End::kEndless) return led;
  // A path stays one, for it goes with every host.
  const std::string_view path = http::FromPathOn(*last);
  if (!HasOrigin(target) && http::SameOrigin(*last, base)) {
    if (!path.starts_with("//")) led.better = path;
  } else {
    led.better = last->get_href();
  }
  led.does_more = DoesMore(walker.snapshot(), led.walk, of, base.get_hostname());
  // It stands for the host of the request, as its labels do.
  if (led.better.find(kSampleHost) != std::string::npos || led.does_more ||
      CapturesLabels(walker.snapshot(), led.walk, base.get_hostname())) {
    led.better.clear();
  }
  return led;
}

std::string TextOf(const Led& led, const compiled::Snapshot& snapshot, const Names& names,
                   const std::string& as) {
  const Walk& walk = led.walk;
  std::string way;
  for (size_t i = 0; i < walk.hops.size() && i < kMostNames; ++i) {
    absl::StrAppend(&way, i > 0 ? ", " : "", names.Of(walk.hops[i].node));
  }
  if (walk.hops.size() > kMostNames) absl::StrAppend(&way, ", …");
  if (led.is_gone()) {
    const decide::StatusFacts* facts = decide::FindStatusFacts(walk.status);
    return absl::StrCat(
        "leads ", way.empty() ? "" : "by " + way + " ", "to what ", names.Of(walk.node),
        " answers with ", walk.status, facts == nullptr ? "" : " " + std::string(facts->phrase()),
        as.empty() ? "" : ", " + as, "; answer that at once, or choose a target that is there");
  }
  if (walk.end == Walk::End::kEndless) {
    return absl::StrCat("leads on by ", way, ": ", walk.hops.size(),
                        " hops and more, and clients follow no more than ", kMostHops,
                        "; lead to the end in one hop");
  }
  const size_t more = walk.hops.size();
  return absl::StrCat(
      "leads on by ", way, ", ", more == 1 ? "a hop" : absl::StrCat(more, " hops"), " more",
      IsConditional(snapshot, walk) ? " for some requests" : "", as.empty() ? "" : ", " + as, "; ",
      led.better.empty() ? "lead to the end in one hop" : "write \"" + led.better + "\"");
}

void CheckChains(const v1::Policy& policy, const Walker& walker, const Names& names,
                 message::Faults& faults) {
  Chains chains(policy, walker, names, faults);
  for (int i = 0; i < policy.rules_size(); ++i) chains.LintRule(i);
  for (const auto& [name, named] : policy.intents()) {
    const message::Place at = compiled::kIntentsPlace.Key(name);
    const auto compiled = walker.snapshot().intents.find(name);
    if (compiled == walker.snapshot().intents.end() || compiled->second.broken) continue;
    chains.LintTargets(named.intent(), AnyBase(walker.snapshot()), at["intent"], false);
  }
}

}  // namespace fingerpost::policy::lint
