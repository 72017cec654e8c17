#include "policy/compiled/languages.h"

#include <algorithm>
#include <set>
#include <string>

#include "core/http/accept_language.h"
#include "core/http/field_syntax.h"
#include "core/http/fields.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr int kMaxLanguages = 32;

using Tags = google::protobuf::RepeatedPtrField<std::string>;

// `seen` has the tags before these in lower case.
void CheckTags(const Tags& tags, const message::Place& at, std::set<std::string>& seen,
               message::Faults& faults) {
  if (tags.size() > kMaxLanguages) {
    faults.Error(at, "has " + std::to_string(tags.size()) + " entries; expected at most 32");
    return;
  }
  for (int i = 0; i < tags.size(); ++i) {
    if (!http::IsLanguageTag(tags[i])) {
      faults.Error(at[i],
                   "is not a language tag (RFC 5646); expected one such as \"de\" or \"pt-BR\"");
    } else if (!seen.insert(http::ToLowerAscii(tags[i])).second) {
      faults.Error(at[i], "is named twice; keep one");
    }
  }
}

}  // namespace

Languages CompileLanguages(const v1::LanguageMatch& match, const message::Place& at,
                           message::Faults& faults) {
  std::set<std::string> seen;
  if (match.prefers().empty()) {
    faults.Error(at["prefers"], "is missing; name the languages that are to be preferred");
  }
  CheckTags(match.prefers(), at["prefers"], seen, faults);
  CheckTags(match.over(), at["over"], seen, faults);
  return {{match.prefers().begin(), match.prefers().end()},
          {match.over().begin(), match.over().end()}};
}

std::optional<std::string_view> Preferred(const Languages& languages, const Subject& subject) {
  const auto i = http::PreferredLanguage(subject.languages(), languages.prefers, languages.over);
  return i ? std::optional<std::string_view>(languages.prefers[*i]) : std::nullopt;
}

}  // namespace fingerpost::policy::compiled
