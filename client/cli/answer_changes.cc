#include "answer_changes.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <iterator>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "counted.h"
#include "output.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::cli {
namespace {

constexpr size_t kMaxContent = 200;  // Octets of it that are shown.

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

// The answer without the fields that the other one has, too. Another status or target says enough.
std::vector<std::string> Beside(const std::vector<std::string>& answer,
                                const std::vector<std::string>& other) {
  std::vector<std::string> out = {answer.front()};
  if (answer.front() != other.front()) return out;
  std::copy_if(answer.begin() + 1, answer.end(), std::back_inserter(out), [&](const auto& field) {
    return std::find(other.begin() + 1, other.end(), field) == other.end();
  });
  return out;
}

std::string Marked(std::string_view mark, const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    absl::StrAppend(&out, std::string(mark), out.empty() ? "" : "  ", Harmless(line), "\n");
  }
  return out;
}

}  // namespace

AnswerChanges::AnswerChanges(const policy::compiled::Snapshot& old,
                             const policy::compiled::Snapshot& now)
    : old_(old), new_(now), now_(google::protobuf::util::TimeUtil::GetCurrentTime()) {}

// A named intent that one policy has not is an error of its answer only.
bool AnswerChanges::AnswerOf(const policy::compiled::Snapshot& snapshot,
                             const v1::DecideRequest& asked, Answer& out, std::string& problem) {
  v1::DecideResponse answer;
  const message::Done done = policy::resolve::Decide(snapshot, asked, answer);
  const bool is_named = asked.has_intent_name();
  out.rule = is_named ? "intent " + asked.intent_name() : GroupName(answer.rule());
  if (!done) {
    problem = Describe(done.error());
    out.what = {"error: " + problem};
    return false;
  }
  std::string what = answer.status() == 0 ? message::ShortEnumName(answer.outcome())
                                          : absl::StrCat(answer.status());
  const std::string location = FieldOf(answer, "Location");
  if (!location.empty()) absl::StrAppend(&what, " ", location);
  if (location.empty() && answer.outcome() == v1::OUTCOME_FORWARD) {
    absl::StrAppend(&what, " ", answer.target());
  }
  out.what = {std::move(what)};
  for (const v1::Header& header : answer.headers()) {
    const bool follows = http::EqualsIgnoreCase(header.name(), "Location") ||
                         http::EqualsIgnoreCase(header.name(), "Content-Length");
    if (!follows) out.what.push_back(absl::StrCat(header.name(), ": ", header.value()));
  }
  out.body = answer.body();
  return true;
}

bool AnswerChanges::Ask(v1::DecideRequest asked, std::string& problem) {
  *asked.mutable_now() = now_;
  asked.set_draw(0);
  Answer old, now;
  const bool old_answers = AnswerOf(old_, asked, old, problem);
  if (!AnswerOf(new_, asked, now, problem) && !old_answers) return false;
  ++asked_;
  if (old.what == now.what && old.body != now.body) {
    old.what.push_back("content: " + old.body.substr(0, kMaxContent));
    now.what.push_back("content: " + now.body.substr(0, kMaxContent));
  }
  if (old.what != now.what) Add(asked.request(), old, now);
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
  const Lines before = Beside(old.what, now.what), after = Beside(now.what, old.what);
  const auto same = std::find_if(
      group.changes.begin(), group.changes.end(),
      [&](const Change& change) { return change.old == before && change.now == after; });
  if (same != group.changes.end()) {
    ++same->hits;
  } else if (group.changes.size() < kMaxListed) {
    group.changes.push_back({absl::StrCat(request.method(), " ", request.url()), before, after, 1});
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
    absl::StrAppend(&out, rules.first, to, ": ", Counted(group.hits, "request"), "\n");
    for (const Change& change : group.changes) {
      absl::StrAppend(&out, "  ", change.hits, "  ", Harmless(change.first), "\n",
                      Marked("     - ", change.old), Marked("     + ", change.now));
    }
    if (group.others > 0) {
      absl::StrAppend(&out, "  ", group.others, "  other requests, with more answers\n");
    }
  }
  if (beyond_ > 0) absl::StrAppend(&out, "more rules: ", Counted(beyond_, "request"), "\n");
  return out;
}

}  // namespace fingerpost::cli
