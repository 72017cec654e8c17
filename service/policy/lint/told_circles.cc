#include "policy/lint/told_circles.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "core/http/url.h"
#include "policy/compiled/places.h"

namespace fingerpost::policy::lint {
namespace {

// Of a growing circle, and of the names in a long one.
constexpr size_t kShown = 3;
constexpr size_t kMostNames = 10;

// The hops that repeat. Of a walk without an end: those of who answers again and again.
std::vector<Hop> CircleOf(const Walk& walk) {
  const auto& hops = walk.hops;
  if (walk.end == Walk::End::kCircle) {
    return {hops.begin() + static_cast<std::ptrdiff_t>(walk.begin), hops.end()};
  }
  // One turn, from the last time that who answers at the end did before.
  const auto again = std::find_if(hops.rbegin() + 1, hops.rend(),
                                  [&](const Hop& hop) { return hop.node == hops.back().node; });
  if (again == hops.rend()) return hops;
  return {again.base() - 1, hops.end() - 1};
}

std::vector<Node> NodesOf(const std::vector<Hop>& circle) {
  std::vector<Node> nodes;
  nodes.reserve(circle.size());
  for (const Hop& hop : circle) nodes.push_back(hop.node);
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

std::string PathOf(const std::string& text) {
  const auto url = http::ParseUrl(text);
  return url ? std::string(http::FromPathOn(*url)) : text;
}

// "/x, /uk/x, /uk/uk/x, …": what the first of the circle answers.
std::string Longer(const Walk& walk, const Node& first) {
  std::string out;
  size_t shown = 0;
  for (const Hop& hop : walk.hops) {
    if (hop.node != first || shown++ == kShown) continue;
    absl::StrAppend(&out, out.empty() ? "" : ", ", PathOf(hop.url));
    if (shown == kShown) break;
  }
  return out + ", …";
}

// Of a rule, or of the policy's settings.
message::Place PlaceOf(const v1::Policy& policy, const Node& at) {
  if (at.kind == Node::Kind::kHttps) return message::Place("defaults.require_https");
  if (at.kind != Node::Kind::kRule) return message::Place("defaults.canonical");
  const int index = static_cast<int>(at.index);
  return compiled::kRulesPlace.Element(
      index, policy.rules(index).has_intent() ? "intent.target" : "intent_name.target");
}

}  // namespace

std::string ToldCircles::Doubt(const std::vector<Hop>& circle, const Client& client) const {
  for (const Hop& hop : circle) {
    const v1::Intent* intent = IntentOf(walker_.snapshot(), hop.node);
    if (intent == nullptr) continue;
    if (!RepeatsTheRequest(intent->purpose()) && intent->purpose() != v1::PURPOSE_UNSPECIFIED) {
      return "unless the client's next request finds something else there";
    }
    if (compiled::MaySleep(*intent)) return "while the window is open";
    if (hop.node.kind != Node::Kind::kRule) continue;
    for (const auto& cookie : walker_.snapshot().rules.rules()[hop.node.index].cookies) {
      const v1::ValueMatch& match = cookie.match();
      if (match.test_case() == v1::ValueMatch::kPresent && !match.present()) {
        return absl::StrCat("unless an answer on the way sets the cookie \"", match.name(), "\"");
      }
    }
    if (client.has_cookies() && HostOf(hop.url) != HostOf(circle.front().url)) {
      return "if its cookies are for both hosts";
    }
  }
  return "";
}

void ToldCircles::Report(const Node& at, const std::string& doubt, const std::string& what) {
  const auto severity = doubt.empty() ? message::Severity::kError : message::Severity::kWarning;
  if (at.kind == Node::Kind::kRow) return faults_.Add(names_.AtRow(severity, at, what));
  const message::Place place = PlaceOf(policy_, at);
  if (doubt.empty()) return faults_.Error(place, what);
  faults_.Warning(place, what);
}

void ToldCircles::Tell(const Walk& walk, const Client& client) {
  std::vector<Hop> circle = CircleOf(walk);
  std::vector<Node> nodes = NodesOf(circle);
  const Node first = nodes.front();
  if (!told_.insert(std::move(nodes)).second) return;
  const bool grows = walk.end == Walk::End::kEndless;
  std::rotate(
      circle.begin(),
      std::find_if(circle.begin(), circle.end(), [&](const Hop& hop) { return hop.node == first; }),
      circle.end());
  std::string way;
  for (size_t i = 1; i < circle.size() && i <= kMostNames; ++i) {
    absl::StrAppend(&way, i > 1 ? ", " : "", names_.Of(circle[i].node));
  }
  if (circle.size() > kMostNames + 1) absl::StrAppend(&way, ", …");
  const std::string doubt = Doubt(circle, client);
  const std::string so = absl::StrCat(client.Text(), grows ? ", at " + Longer(walk, first) : "",
                                      ": clients ", doubt.empty() ? "would" : "may",
                                      " go in circles", doubt.empty() ? "" : ", ", doubt, "; ");
  if (circle.size() > 1) {
    Report(first, doubt,
           absl::StrCat("leads back to ", first.kind == Node::Kind::kRule ? "the rule" : "itself",
                        " by ", way, so, "end it at one of them"));
  } else if (first.kind == Node::Kind::kRule) {
    Report(first, doubt,
           absl::StrCat("is matched by the rule again", so,
                        "choose a target that the rule does not match"));
  } else {
    Report(first, doubt,
           absl::StrCat("leads back to itself", so,
                        first.kind == Node::Kind::kRow ? "remove the row" : "remove the setting"));
  }
}

void ToldCircles::TellElsewhere(const Walk& walk, const Client& client) {
  const Node first = walk.hops.front().node;
  if (!told_.insert({first}).second) return;
  if (client.has_cookies()) return;  // They stay with a host.
  const std::string sends = client.Text();
  const std::string what =
      sends.empty() ? "is matched by the rule again, for it holds on every host: name the hosts "
                      "that moved in match.hosts"
                    : absl::StrCat("is matched by the rule again", sends,
                                   ": clients may go in circles, if the policy is asked on the "
                                   "target's host, too; name the hosts that moved in match.hosts");
  Report(first, sends, what);
}

}  // namespace fingerpost::policy::lint
