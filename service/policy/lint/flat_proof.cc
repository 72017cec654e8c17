#include "policy/lint/flat_proof.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "core/decide/decide.h"
#include "core/decide/placeholders.h"
#include "policy/compiled/allowed_targets.h"
#include "policy/compiled/places.h"
#include "policy/compiled/subject.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::lint {
namespace {

// The id in answers.
std::string IdOf(const compiled::Snapshot& snapshot, const Node& node) {
  return node.kind == Node::Kind::kRule
             ? snapshot.rules.rules()[node.index].id
             : absl::StrCat(snapshot.maps[node.index].name, ":", node.line);
}

v1::Intent Flattened(const compiled::Snapshot& snapshot, v1::Intent intent, const Flat& flat) {
  if (flat.status != 0 && flat.node.kind == Node::Kind::kRule) {
    intent.set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  } else if (flat.status != 0) {
    const auto code =
        std::find(compiled::kMapCodes.begin(), compiled::kMapCodes.end(), flat.status);
    intent = snapshot.maps[flat.node.index]
                 .intents[static_cast<size_t>(code - compiled::kMapCodes.begin())];
  }
  intent.set_target(flat.target);
  return intent;
}

}  // namespace

bool EndsAsBefore(const Walker& walker, const v1::DecideRequest& asked, const Flat& flat,
                  size_t most) {
  const compiled::Snapshot& snapshot = walker.snapshot();
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  if (request.url() == nullptr) return false;
  const compiled::Subject subject(asked, request, snapshot.hosts);
  auto wish = resolve::Resolve(snapshot, subject, faults);
  if (!wish) return false;
  if (wish->rule != IdOf(snapshot, flat.node)) return true;
  v1::DecideResponse before, now;
  if (!decide::Decide(asked, request, *wish, faults, before)) return false;
  wish->intent.Own(Flattened(snapshot, *wish->intent, flat));
  wish->target = {};  // The row's own.
  if (!decide::Decide(asked, request, *wish, faults, now)) return false;
  // A program that asks for a login, say.
  if (before.outcome() != v1::OUTCOME_REDIRECT) {
    return now.outcome() == before.outcome() && now.status() == before.status();
  }
  v1::DecideRequest with_fragment = asked;
  with_fragment.mutable_request()->mutable_url()->append("#fragment");
  const std::string start(request.url()->get_hostname());
  const Walk old = walker.FollowOn(with_fragment, before, start, most);
  // 405, say, which came a hop later.
  if (now.outcome() == v1::OUTCOME_RESPOND) return old.status == now.status();
  const Walk flat_walk = walker.FollowOn(with_fragment, now, start, most);
  return old.end == flat_walk.end && old.last == flat_walk.last && old.method == flat_walk.method &&
         old.node == flat_walk.node && old.status == flat_walk.status &&
         flat_walk.hops.size() < old.hops.size();
}

bool MaySay(const v1::Policy& policy, const Flat& flat) {
  if (decide::BeforePlaceholders(flat.target).size() != flat.target.size()) return false;
  compiled::AllowedHosts allowed(policy);
  v1::Intent intent;
  if (flat.node.kind == Node::Kind::kRule) {
    const v1::Rule& rule = policy.rules(static_cast<int>(flat.node.index));
    allowed.AddOwn(rule.match().hosts());
    *intent.mutable_allowed_hosts() = rule.intent().allowed_hosts();
  } else {
    const v1::MapFile& map = policy.maps(static_cast<int>(flat.node.index));
    if (!map.host().empty()) allowed.Add(map.host());
    *intent.mutable_allowed_hosts() = map.intent().allowed_hosts();
  }
  intent.set_target(flat.target);
  message::Faults faults;
  compiled::CheckTargetHosts(intent, "intent", allowed, faults);
  return faults.errors() == 0;
}

bool MayHaveCode(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Flat& flat,
                 uint8_t code_of_row) {
  if (flat.status == 0) return true;
  const int index = static_cast<int>(flat.node.index);
  if (flat.node.kind == Node::Kind::kRule) {
    const v1::Intent& intent = policy.rules(index).intent();
    const bool legacy =
        snapshot.rules.rules()[flat.node.index].intent.compatibility() == v1::COMPATIBILITY_LEGACY;
    return intent.purpose() == v1::PURPOSE_PERMANENT_MOVE && intent.pinned_status() == 0 &&
           flat.status == (legacy ? 302 : 307);
  }
  const v1::Intent& intent = policy.maps(index).intent();
  const bool is_move = intent.purpose() == v1::PURPOSE_UNSPECIFIED ||
                       intent.purpose() == v1::PURPOSE_PERMANENT_MOVE ||
                       intent.purpose() == v1::PURPOSE_TEMPORARY_MOVE;
  return intent.pinned_status() == 0 && (is_move || code_of_row != 0);
}

}  // namespace fingerpost::policy::lint
