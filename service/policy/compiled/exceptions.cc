#include "policy/compiled/exceptions.h"

#include <algorithm>

#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {
namespace {

bool PathHolds(const Conditions& exception, const Subject& subject) {
  const std::string_view path = subject.path();
  const Folding folding = exception.folding;
  switch (exception.path_kind) {
    case Conditions::Path::kAny:
      return true;
    case Conditions::Path::kExact:
      return path == exception.path ||
             (folding != Folding::kNone && subject.Folded(folding) == exception.folded);
    case Conditions::Path::kPrefix:
      return IsUnder(path, exception.path) ||
             (FoldsCase(folding) && IsUnder(subject.Folded(Folding::kCase), exception.folded));
    case Conditions::Path::kPattern:
      if (exception.pattern == nullptr) return false;
      return RE2::FullMatch(path, *exception.pattern) ||
             (FoldsSlash(folding) && !subject.PathWithOtherSlash().empty() &&
              RE2::FullMatch(subject.PathWithOtherSlash(), *exception.pattern));
  }
  return false;
}

bool UrlHolds(const Conditions& exception, const Subject& subject) {
  return subject.IsOn(exception.hosts) && PathHolds(exception, subject);
}

}  // namespace

Reading ReadingOf(const Conditions& exception) {
  return exception.fields.empty() && exception.cookies.empty() && exception.clients.empty() &&
                 !exception.languages
             ? Reading::kNoField
             : Reading::kFields;
}

bool AsksForUrlOnly(const Conditions& exception) {
  return ReadingOf(exception) == Reading::kNoField && exception.methods.empty() &&
         exception.query.empty();
}

std::optional<size_t> FirstException(const Rule& rule, Reading reading, const Subject& subject,
                                     decide::LookedAt& looked_at) {
  for (size_t i = 0; i < rule.exceptions.size(); ++i) {
    const Conditions& exception = rule.exceptions[i];
    if (ReadingOf(exception) == reading && UrlHolds(exception, subject) &&
        CheckTarget(exception, subject).member == nullptr &&
        CheckFields(exception, subject, looked_at).member == nullptr) {
      return i;
    }
  }
  return std::nullopt;
}

bool LeavesOutUrl(const Rule& rule, const Subject& subject) {
  return std::any_of(rule.exceptions.begin(), rule.exceptions.end(), [&](const Conditions& it) {
    return AsksForUrlOnly(it) && UrlHolds(it, subject);
  });
}

}  // namespace fingerpost::policy::compiled
