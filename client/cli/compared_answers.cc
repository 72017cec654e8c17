#include "compared_answers.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/follow/follow.h"
#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "output.h"
#include "text_table.h"

namespace fingerpost::cli {
namespace {

// The parts of an answer by their names, in the order in which a person reads them.
using Parts = std::vector<std::pair<std::string, std::string>>;

std::string* Find(Parts& parts, const std::string& name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&name](const auto& part) { return part.first == name; });
  return found == parts.end() ? nullptr : &found->second;
}

std::string ContentText(v1::Body body) {
  return body == v1::BODY_REPLAYABLE || body == v1::BODY_ONE_SHOT ? "sent again" : "none";
}

Parts PartsOf(const v1::FollowResponse& answer) {
  if (!answer.has_next()) {
    const auto& stop = answer.stop();
    return {{"answer", absl::StrCat(stop.error() ? "error: " : "the response: ",
                                    message::ShortEnumName(stop.reason()))}};
  }
  const auto& next = answer.next();
  Parts parts = {
      {"answer", next.method()}, {"url", next.url()}, {"content", ContentText(next.body())}};
  for (const auto& header : next.headers()) {
    const std::string name = absl::AsciiStrToLower(header.name());
    const std::string value =
        http::IsWithheld(header) ? "(withheld)" : std::string(http::ValueOf(header));
    if (std::string* before = Find(parts, name)) {
      absl::StrAppend(before, ", ", value);
    } else {
      parts.emplace_back(name, value);
    }
  }
  return parts;
}

struct Answered {
  std::vector<std::string> profiles;
  Parts parts;
};

// Of all answers, in the order of the first that has it.
std::vector<std::string> NamesOf(const std::vector<Answered>& answers) {
  std::vector<std::string> names;
  for (const Answered& answer : answers) {
    for (const auto& [name, value] : answer.parts) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string ValueOf(Answered& answer, const std::string& name) {
  const std::string* value = Find(answer.parts, name);
  return value == nullptr ? "-" : *value;
}

std::string Table(std::vector<Answered>& answers) {
  std::vector<std::string> parting, same;
  for (const std::string& name : NamesOf(answers)) {
    const std::string first = ValueOf(answers.front(), name);
    const bool parts = std::any_of(answers.begin(), answers.end(), [&](Answered& answer) {
      return ValueOf(answer, name) != first;
    });
    if (parts) {
      parting.push_back(name);
    } else {
      same.push_back(absl::StrCat(name, " ", first));
    }
  }
  std::vector<TextTable::Column> columns;
  for (const std::string& name : parting) columns.push_back({name});
  columns.push_back({"profiles"});
  TextTable table(std::move(columns));
  for (Answered& answer : answers) {
    std::vector<std::string> row;
    for (const std::string& name : parting) row.push_back(ValueOf(answer, name));
    row.push_back(absl::StrJoin(answer.profiles, ", "));
    table.Add(std::move(row));
  }
  std::string out = table.Text();
  if (!same.empty())
    absl::StrAppend(&out, "\nThe same in all: ", Harmless(absl::StrJoin(same, "; ")), "\n");
  return out;
}

}  // namespace

message::Result<std::string, v1::Error> ComparedAnswers(v1::FollowRequest question,
                                                        std::span<const v1::Profile> profiles) {
  std::vector<Answered> answers;
  for (const v1::Profile profile : profiles) {
    question.mutable_options()->set_profile(profile);
    v1::FollowResponse answer;
    if (message::Done done = follow::Follow(question, answer); !done)
      return message::Unexpected(std::move(done.error()));
    Parts parts = PartsOf(answer);
    const auto same = std::find_if(answers.begin(), answers.end(), [&parts](const Answered& other) {
      return other.parts == parts;
    });
    Answered& mine =
        same != answers.end() ? *same : answers.emplace_back(Answered{{}, std::move(parts)});
    mine.profiles.push_back(message::ShortEnumName(profile));
  }
  return Table(answers);
}

}  // namespace fingerpost::cli
