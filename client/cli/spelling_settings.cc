// How a profile's client writes URLs, in words.
#include <absl/strings/str_cat.h>

#include "setting_words.h"

namespace fingerpost::cli {
namespace {

using follow::Spelling;

// What of ASCII `characters` has and `standard` has not.
std::string Beyond(const follow::Characters& characters, const follow::Characters& standard) {
  std::string text;
  for (char c = 0x21; c < 0x7F; ++c) {
    if (characters.Has(c) && !standard.Has(c)) text += c;
  }
  return text;
}

void AddPart(const char* name, const follow::PartSpelling& part, const follow::Characters& standard,
             Words& words) {
  const std::string more = Beyond(part.encoded, standard);
  const std::string fewer = Beyond(standard, part.encoded);
  if (!more.empty()) words.push_back(absl::StrCat(more, " encoded in the ", name));
  if (!fewer.empty()) words.push_back(absl::StrCat(fewer, " kept in the ", name));
  if (!Beyond(part.decoded, {}).empty())
    words.push_back(absl::StrCat("needless escapes decoded in the ", name));
  if (!part.anew.empty()) words.push_back(absl::StrCat("all escaped anew in the ", name));
  if (part.upper_escapes) words.push_back(absl::StrCat("escapes in capitals in the ", name));
  if (part.upper_utf8) words.push_back(absl::StrCat("escapes of UTF-8 in capitals in the ", name));
  if (part.replaces_invalid_utf8)
    words.push_back(absl::StrCat("escapes of no UTF-8 are U+FFFD in the ", name));
  if (part.raw_octets) words.push_back(absl::StrCat("octets beyond ASCII kept in the ", name));
  if (part.raw_controls) words.push_back(absl::StrCat("controls kept in the ", name));
}

const char* DotsText(follow::Dots dots) {
  using enum follow::Dots;
  switch (dots) {
    case kRemoved:
      return "dot segments removed";
    case kEscapedStay:
      return "%2e is no dot";
    case kShortRooted:
      return "a last dot goes with its slash";
    case kShort:
      return "%2e is no dot, a last dot goes with its slash";
    case kStay:
      return "dot segments of an absolute URL kept";
    case kStayUnlessJoined:
      return "dot segments kept, unless the path was joined";
    case kExcessStay:
      return "%2e is no dot, a .. at the root stays";
    case kNeverRemoved:
      return "dot segments kept, also of a base";
  }
  return "";
}

const char* PercentText(follow::BarePercent bare) {
  using enum follow::BarePercent;
  switch (bare) {
    case kKept:
      return "a bare % stays";
    case kEncoded:
      return "a bare % is %25";
    case kEncodedInPath:
      return "a bare % in a path is %25";
    case kEncodesPart:
      return "a bare % makes each % of its part %25";
    case kEncodesUrl:
      return "a bare % makes each % of its part %25, and %zz each of the URL";
  }
  return "";
}

}  // namespace

std::string SpellingText(const Spelling* spelling) {
  if (spelling == nullptr) return "as in the URL Standard";
  Words words;
  AddPart("path", spelling->path, follow::kUrlStandardPath, words);
  AddPart("query", spelling->query, follow::kUrlStandardQuery, words);
  if (spelling->bare_percent != follow::BarePercent::kKept)
    words.emplace_back(PercentText(spelling->bare_percent));
  if (spelling->decodes_first) words.emplace_back("a path is decoded before its dots count");
  if (spelling->first != nullptr) words.emplace_back("the first URL by a rule of its own");
  if (spelling->joins_decoded) words.emplace_back("joined with a decoded directory");
  if (spelling->dots != follow::Dots::kRemoved) words.emplace_back(DotsText(spelling->dots));
  if (spelling->query_keeps_base) words.emplace_back("?q leaves a base as it is");
  if (spelling->joins_without_root) words.emplace_back(".. at a base's root joins with the host");
  if (spelling->base_keeps_single_dots) words.emplace_back("a base loses its .. alone");
  return Listed(words, "as in the URL Standard");
}

}  // namespace fingerpost::cli
