#include "policy/lint/walk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "policy/resolve/resolve.h"

namespace fingerpost::policy::lint {
namespace {

// With settings of their own; more cost time and rarely show more.
constexpr size_t kMostHosts = 15;

bool IsGone(int status) { return status == 404 || status == 410 || status == 451; }

// RFC 9110 §15.4 and Fetch Standard §4.4, step 12: what becomes of the method.
void NextMethod(int status, v1::HttpRequest& request) {
  const bool changes = (status == 303 && request.method() != "HEAD") ||
                       ((status == 301 || status == 302) && request.method() == "POST");
  if (changes) request.set_method("GET");
}

std::string WithoutFragment(const http::Url& url) {
  const std::string_view text = http::WithoutFragment(url);
  return std::string(text);
}

}  // namespace

Walker::Walker(const compiled::Snapshot& snapshot, const google::protobuf::Timestamp& now)
    : snapshot_(snapshot), now_(now), hosts_(snapshot.hosts.Patterns()) {
  for (const auto& [host, defaults] : snapshot.defaults_of) with_settings_.push_back(host);
  std::sort(with_settings_.begin(), with_settings_.end());
  with_settings_.resize(std::min(with_settings_.size(), kMostHosts));
  const std::vector<compiled::Rule>& rules = snapshot.rules.rules();
  for (size_t i = 0; i < rules.size(); ++i) rules_.emplace(rules[i].id, i);
  for (size_t i = 0; i < snapshot.maps.size(); ++i) maps_.emplace(snapshot.maps[i].name, i);
}

// Ids of rows have a ":", which no rule's has.
Node Walker::NodeOf(std::string_view id) const {
  if (const auto rule = rules_.find(id); rule != rules_.end()) {
    return {Node::Kind::kRule, rule->second, 0};
  }
  const size_t colon = id.find(':');
  if (colon != id.npos) {
    const auto map = maps_.find(id.substr(0, colon));
    Node row = {Node::Kind::kRow, map == maps_.end() ? 0 : map->second, 0};
    (void)std::from_chars(id.data() + colon + 1, id.data() + id.size(), row.line);
    return row;
  }
  if (id == "https") return {Node::Kind::kHttps, 0, 0};
  return {id == "canonical" ? Node::Kind::kCanonical : Node::Kind::kNobody, 0, 0};
}

bool Walker::IsServed(std::string_view host, std::string_view start) const {
  if (host == start) return true;
  compiled::HostIds patterns;
  snapshot_.hosts.Match(host, patterns);
  return patterns.size() > 1 ||
         std::any_of(snapshot_.canonical.begin(), snapshot_.canonical.end(),
                     [host](const compiled::CanonicalForm& form) { return form.host == host; });
}

Walk Walker::Follow(v1::DecideRequest asked, std::string_view start, size_t most) const {
  Walk walk;
  auto url = http::ParseUrl(asked.request().url());
  if (!url) return walk;
  std::string fragment(url->get_hash());
  v1::HttpRequest& request = *asked.mutable_request();
  v1::DecideResponse answer;
  while (true) {
    const std::string here = WithoutFragment(*url);
    walk.last = here + fragment;
    walk.method = request.method();
    const auto before = std::find_if(walk.hops.begin(), walk.hops.end(), [&](const Hop& hop) {
      return hop.url == here && hop.method == request.method();
    });
    if (before != walk.hops.end()) {
      walk.end = Walk::End::kCircle;
      walk.begin = static_cast<size_t>(before - walk.hops.begin());
      return walk;
    }
    if (!IsServed(url->get_hostname(), start)) {
      walk.end = Walk::End::kElsewhere;
      return walk;
    }
    request.set_url(here);
    answer.Clear();
    if (!resolve::Decide(snapshot_, asked, answer)) {
      walk.end = Walk::End::kRefused;
      return walk;
    }
    walk.node = NodeOf(answer.rule());
    walk.status = answer.status();
    Hop hop = {here, request.method(), walk.node, answer.status()};
    if (answer.outcome() == v1::OUTCOME_REFUSE) {
      const bool is_loop = answer.reason().code() == v1::REASON_CODE_LOOP;
      walk.end = is_loop ? Walk::End::kCircle : Walk::End::kRefused;
      walk.begin = walk.hops.size();
      if (is_loop) walk.hops.push_back(std::move(hop));
      return walk;
    }
    if (answer.outcome() != v1::OUTCOME_REDIRECT || answer.target().empty()) {
      if (answer.outcome() == v1::OUTCOME_RESPOND && IsGone(answer.status())) {
        walk.end = Walk::End::kGone;
      }
      return walk;
    }
    walk.hops.push_back(std::move(hop));
    walk.node = {};
    walk.status = 0;
    if (walk.hops.size() > most) {
      walk.end = Walk::End::kEndless;
      return walk;
    }
    url = http::ParseUrl(answer.target());
    if (!url || !http::IsHttp(*url)) {
      walk.last = answer.target();
      walk.end = Walk::End::kElsewhere;
      return walk;
    }
    // The client's own stays where the target has none (RFC 9110 §10.2.2).
    if (url->has_hash()) fragment = url->get_hash();
    NextMethod(answer.status(), request);
  }
}

Walk Walker::FollowOn(v1::DecideRequest asked, const v1::DecideResponse& answer,
                      std::string_view start, size_t most) const {
  const auto before = http::ParseUrl(asked.request().url());
  const auto url = http::ParseUrl(answer.target());
  Walk walk;
  if (!before || !url || answer.outcome() != v1::OUTCOME_REDIRECT || !http::IsHttp(*url)) {
    walk.end = Walk::End::kRefused;
    return walk;
  }
  std::string target(url->get_href());
  // The client's own stays where the target has none (RFC 9110 §10.2.2).
  if (!url->has_hash()) target += before->get_hash();
  asked.mutable_request()->set_url(std::move(target));
  NextMethod(answer.status(), *asked.mutable_request());
  return Follow(std::move(asked), start, most);
}

Walk Walker::FollowFrom(const http::Url& target, std::string_view start) const {
  v1::DecideRequest asked;
  asked.mutable_request()->set_method("GET");
  const std::string_view href = target.get_href();
  asked.mutable_request()->set_url(href.data(), href.size());
  *asked.mutable_now() = now_;
  asked.set_draw(0);
  return Follow(std::move(asked), start);
}

Node Walker::AnswererOf(v1::DecideRequest asked, const std::string& url) const {
  asked.mutable_request()->set_url(url);
  v1::DecideResponse answer;
  if (!resolve::Decide(snapshot_, asked, answer)) return {};
  return NodeOf(answer.rule());
}

bool Walk::repeats() const {
  if (end != End::kEndless) return end == End::kCircle;
  return std::any_of(hops.begin(), hops.end() - 1,
                     [this](const Hop& hop) { return hop.node == hops.back().node; });
}

bool RepeatsTheRequest(v1::Purpose purpose) {
  constexpr std::array kPurposes = {v1::PURPOSE_TEMPORARY_MOVE, v1::PURPOSE_PERMANENT_MOVE,
                                    v1::PURPOSE_CANONICAL_URL,  v1::PURPOSE_HTTPS_UPGRADE,
                                    v1::PURPOSE_CAMPAIGN,       v1::PURPOSE_REROUTE,
                                    v1::PURPOSE_DESCRIBES};
  return std::find(kPurposes.begin(), kPurposes.end(), purpose) != kPurposes.end();
}

const v1::Intent* IntentOf(const compiled::Snapshot& snapshot, const Node& node) {
  if (node.kind == Node::Kind::kRule) return &snapshot.rules.rules()[node.index].intent;
  if (node.kind == Node::Kind::kRow) return &snapshot.maps[node.index].intents.front();
  return nullptr;
}

const v1::Intent& IntentOf(const compiled::Snapshot& snapshot, const compiled::MapEntry& row) {
  return snapshot.maps[row.map].intents[row.code];
}

}  // namespace fingerpost::policy::lint
