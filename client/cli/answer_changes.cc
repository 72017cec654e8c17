#include "answer_changes.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "output.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::cli {
namespace {

std::string FieldOf(const v1::DecideResponse& answer, std::string_view name) {
  for (const v1::Header& header : answer.headers()) {
    if (http::EqualsIgnoreCase(header.name(), name)) return header.value();
  }
  return {};
}

// "pages:12" -> "pages": rows of a map are one group, as a map is one rule of thumb.
std::string GroupName(const std::string& rule) {
  if (rule.empty()) return "no rule";
  const size_t colon = rule.rfind(':');
  return colon == rule.npos ? rule : "map " + rule.substr(0, colon);
}

std::string Count(uint64_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace

AnswerChanges::AnswerChanges(const policy::compiled::Snapshot& old,
                             const policy::compiled::Snapshot& now)
    : old_(old), new_(now), now_(google::protobuf::util::TimeUtil::GetCurrentTime()) {}

bool AnswerChanges::AnswerOf(const policy::compiled::Snapshot& snapshot,
                             const v1::HttpRequest& request, Answer& out, std::string& problem) {
  v1::DecideRequest asked;
  *asked.mutable_request() = request;
  *asked.mutable_now() = now_;
  asked.set_draw(0);
  v1::DecideResponse answer;
  if (const message::Done done = policy::resolve::Decide(snapshot, asked, answer); !done) {
    problem = Describe(done.error());
    return false;
  }
  out.rule = GroupName(answer.rule());
  out.what = answer.status() == 0 ? message::ShortEnumName(answer.outcome())
                                  : absl::StrCat(answer.status());
  const std::string location = FieldOf(answer, "Location");
  if (!location.empty()) absl::StrAppend(&out.what, " ", location);
  if (location.empty() && answer.outcome() == v1::OUTCOME_FORWARD) {
    absl::StrAppend(&out.what, " ", answer.target());
  }
  return true;
}

bool AnswerChanges::Ask(const v1::HttpRequest& request, std::string& problem) {
  Answer old, now;
  if (!AnswerOf(old_, request, old, problem) || !AnswerOf(new_, request, now, problem)) {
    return false;
  }
  ++asked_;
  if (old.what != now.what) Add(request, old, now);
  return true;
}

void AnswerChanges::Add(const v1::HttpRequest& request, const Answer& old, const Answer& now) {
  ++changed_;
  const std::pair<std::string, std::string> rules(old.rule, now.rule);
  if (groups_.size() >= kMaxGroups && !groups_.contains(rules)) {
    ++beyond_;
    has_others_ = true;
    return;
  }
  Group& group = groups_[rules];
  ++group.hits;
  const auto same = std::find_if(
      group.changes.begin(), group.changes.end(),
      [&](const Change& change) { return change.old == old.what && change.now == now.what; });
  if (same != group.changes.end()) {
    ++same->hits;
  } else if (group.changes.size() < kMaxListed) {
    group.changes.push_back(
        {absl::StrCat(request.method(), " ", request.url()), old.what, now.what, 1});
    ++listed_;
  } else {
    ++group.others;
    has_others_ = true;
  }
}

std::string AnswerChanges::Text() const {
  std::vector<const decltype(groups_)::value_type*> groups;
  for (const auto& group : groups_) groups.push_back(&group);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto* a, const auto* b) { return a->second.hits > b->second.hits; });
  std::string out;
  for (const auto* one : groups) {
    const auto& [rules, group] = *one;
    const std::string to = rules.first == rules.second ? "" : " -> " + rules.second;
    absl::StrAppend(&out, rules.first, to, ": ", Count(group.hits, "request"), "\n");
    for (const Change& change : group.changes) {
      absl::StrAppend(&out, "  ", change.hits, "  ", Harmless(change.first), "\n     - ",
                      Harmless(change.old), "\n     + ", Harmless(change.now), "\n");
    }
    if (group.others > 0) {
      absl::StrAppend(&out, "  ", group.others, "  other requests, with more answers\n");
    }
  }
  if (beyond_ > 0) absl::StrAppend(&out, "more rules: ", Count(beyond_, "request"), "\n");
  return out;
}

}  // namespace fingerpost::cli
