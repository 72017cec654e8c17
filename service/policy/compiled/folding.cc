#include "policy/compiled/folding.h"

#include "core/http/fields.h"

namespace fingerpost::policy::compiled {
namespace {

// The longest path that has no other slash to lose or to get.
constexpr std::string_view kRoot = "//";

}  // namespace

Folding FoldingOf(v1::PathCase letter_case, v1::TrailingSlash slash, const v1::Defaults& document) {
  if (letter_case == v1::PATH_CASE_UNSPECIFIED) letter_case = document.case_();
  if (slash == v1::TRAILING_SLASH_UNSPECIFIED) slash = document.trailing_slash();
  const bool folds_case = letter_case == v1::PATH_CASE_INSENSITIVE;
  if (slash != v1::TRAILING_SLASH_EITHER) return folds_case ? Folding::kCase : Folding::kNone;
  return folds_case ? Folding::kBoth : Folding::kSlash;
}

std::string Folded(std::string_view path, Folding folding) {
  if (FoldsSlash(folding) && path.size() > kRoot.size() && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return FoldsCase(folding) ? http::ToLowerAscii(path) : std::string(path);
}

std::string_view WithOtherSlash(std::string_view path, std::string& buffer) {
  if (path == "/" || path == kRoot) return {};
  if (path.ends_with('/')) return path.substr(0, path.size() - 1);
  buffer.assign(path).push_back('/');
  return buffer;
}

}  // namespace fingerpost::policy::compiled
