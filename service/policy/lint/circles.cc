#include <absl/container/btree_set.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "policy/compiled/subject.h"
#include "policy/lint/client.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"
#include "policy/lint/told_circles.h"

namespace fingerpost::policy::lint {
namespace {

// Clients that are tried for one URL of a rule: one that meets its conditions, then those that
// meet other rules' on the way, too.
constexpr size_t kMostClients = 16;
// Steps for all rules together: some seconds.
constexpr size_t kMostWalks = 500'000;

// A client, and the rules whose conditions it meets.
struct Tried {
  Client client;
  std::vector<uint32_t> meets;
};

bool AsksForMoreThanTheUrl(const compiled::Rule& rule) {
  return !rule.methods.empty() || !rule.query.empty() || !rule.fields.empty() ||
         !rule.cookies.empty() || !rule.clients.empty() || rule.languages || rule.share;
}

class Circles {
 public:
  Circles(const Walker& walker, ToldCircles& told, message::Faults& faults)
      : walker_(walker), told_(told), faults_(faults) {
    const auto& rules = walker.snapshot().rules.rules();
    has_conditions_ = std::any_of(rules.begin(), rules.end(), AsksForMoreThanTheUrl);
  }

  void Run() {
    const std::vector<compiled::Rule>& rules = walker_.snapshot().rules.rules();
    for (size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].broken || rules[i].shadow || rules[i].pass) continue;
      for (const std::string& url : SampleUrls(walker_, rules[i])) {
        for (const Client& client : ClientsOf(rules[i])) {
          if (StartAt(static_cast<uint32_t>(i), url, client)) break;
        }
      }
    }
    if (walks_ == kMostWalks) {
      faults_.Warning("rules",
                      "are too many, for too many hosts and clients, to follow all of them: there "
                      "may be circles that are not told");
    }
  }

 private:
  // One for each language, and for some keys of weighted targets.
  static std::vector<Client> ClientsOf(const compiled::Rule& rule) {
    std::vector<Client> clients;
    if (rule.languages) {
      for (const std::string& language : rule.languages->prefers) {
        clients.emplace_back().Prefer(language);
      }
    } else if (!rule.intent.weighted_targets().empty()) {
      constexpr int kKeys = 8;
      for (int key = 0; key < kKeys; ++key) {
        clients.emplace_back().Draw(rule.intent.sticky_key(), std::to_string(key));
      }
    } else {
      clients.emplace_back();
    }
    for (Client& client : clients) client.Meet(rule);
    return clients;
  }

  // True: there is a circle.
  bool StartAt(uint32_t rule, const std::string& url, const Client& client) {
    const Node start = {Node::Kind::kRule, rule, 0};
    std::deque<Tried> tried = {{client, {rule}}};
    seen_.clear();
    for (size_t tries = 0; tries < kMostClients && !tried.empty() && walks_ < kMostWalks;
         ++tries, ++walks_) {
      const Tried one = std::move(tried.front());
      tried.pop_front();
      const v1::DecideRequest asked = one.client.Asks(url, walker_.now());
      const Walk walk = Whole(asked, HostOf(url));
      // Another rule's circle is told where that rule is the first.
      if (walk.hops.empty()) continue;
      const bool starts = walk.hops.front().node == start;
      if (walk.repeats() && (starts || IsOn(walk, start))) {
        told_.Tell(walk, one.client);
        return true;
      }
      if (!starts) continue;
      if (IsElsewhere(walk) && walker_.AnswererOf(asked, walk.last) == start) {
        told_.TellElsewhere(walk, one.client);
        return true;
      }
      if (has_conditions_) MeetMore(walk, one, tried);
    }
    return false;
  }

  static bool IsOn(const Walk& walk, const Node& node) {
    return std::any_of(walk.hops.begin() + static_cast<std::ptrdiff_t>(walk.begin), walk.hops.end(),
                       [&](const Hop& hop) { return hop.node == node; });
  }

  // A long circle is one; what grows, or is a long chain, is not.
  [[nodiscard]] Walk Whole(const v1::DecideRequest& asked, const std::string& host) const {
    Walk walk = walker_.Follow(asked, host);
    if (walk.end != Walk::End::kEndless) return walk;
    Walk longer = walker_.Follow(asked, host, kLongestCircle);
    return longer.end == Walk::End::kCircle ? longer : walk;
  }

  // A rule for every host that leads to a host of which nobody knows whether it is asked there.
  [[nodiscard]] bool IsElsewhere(const Walk& walk) const {
    return walk.end == Walk::End::kElsewhere && walk.hops.size() == 1 &&
           walker_.snapshot().rules.rules()[walk.hops.front().node.index].hosts.empty();
  }

  // Adds a client for each rule on the way that only its conditions keep from answering.
  void MeetMore(const Walk& walk, const Tried& from, std::deque<Tried>& tried) {
    for (size_t i = 1; i < walk.hops.size(); ++i) {
      MeetMoreAt(walk.hops[i].url, walk.hops[i].node, from, tried);
    }
    if (walk.end != Walk::End::kElsewhere) MeetMoreAt(walk.last, walk.node, from, tried);
  }

  void MeetMoreAt(const std::string& url, const Node& answers, const Tried& from,
                  std::deque<Tried>& tried) {
    const std::vector<compiled::Rule>& rules = walker_.snapshot().rules.rules();
    VisitUrl(walker_.snapshot(), url, [&](const compiled::Candidate& candidate) {
      if (candidate.rule == nullptr) return answers.kind != Node::Kind::kRow;
      const compiled::Rule& rule = *candidate.rule;
      const auto index = static_cast<uint32_t>(&rule - rules.data());
      if (answers == Node{Node::Kind::kRule, index, 0}) return false;
      if (rule.shadow || rule.broken || !AsksForMoreThanTheUrl(rule)) return true;
      Tried more = from;
      more.meets.push_back(index);
      std::sort(more.meets.begin(), more.meets.end());
      if (!seen_.insert(more.meets).second) return true;
      more.client.Meet(rule);
      tried.push_back(std::move(more));
      return true;
    });
  }

  const Walker& walker_;
  ToldCircles& told_;
  message::Faults& faults_;
  absl::btree_set<std::vector<uint32_t>> seen_;  // The sets of rules that were met together.
  bool has_conditions_ = false;
  size_t walks_ = 0;
};

}  // namespace

void CheckCircles(const Walker& walker, ToldCircles& told, message::Faults& faults) {
  Circles(walker, told, faults).Run();
}

}  // namespace fingerpost::policy::lint
