#include "core/message/enum_names.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace fingerpost {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

constexpr std::string_view kZeroSuffix = "UNSPECIFIED";

// No name of ours is longer; a longer text is not worth the comparison, whose cost is the product
// of the lengths.
constexpr size_t kLongestName = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string Lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), Lower);
  return out;
}

char NameCharacter(char c) { return c == '-' || c == '.' || c == '/' || c == ' ' ? '_' : Upper(c); }

// "PURPOSE_" for Purpose: buf's ENUM_ZERO_VALUE_SUFFIX and ENUM_VALUE_PREFIX make it so.
std::string_view Prefix(const EnumDescriptor& type) {
  const std::string_view zero = type.value(0)->name();
  return zero.ends_with(kZeroSuffix) ? zero.substr(0, zero.size() - kZeroSuffix.size()) : "";
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, std::string_view text) {
  if (text.size() > kLongestName) return nullptr;
  const std::string_view prefix = Prefix(type);
  std::string name(prefix);
  std::ranges::transform(text, std::back_inserter(name), NameCharacter);
  if (const auto* value = type.FindValueByName(name)) return value;
  return type.FindValueByName(name.substr(prefix.size()));
}

std::string ShortEnumName(const EnumValueDescriptor& value) {
  std::string_view name = value.name();
  const std::string_view prefix = Prefix(*value.type());
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return Lowered(name);
}

std::string ExpectedEnumValue(const EnumDescriptor& type, std::string_view text) {
  Nearest nearest(text);
  std::string names;
  // From 1: the zero value means that nothing was said.
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string name = ShortEnumName(*type.value(i));
    nearest.Offer(name);
    absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  }
  std::string out = "expected one of " + names;
  if (!nearest.Best().empty()) out += "; did you mean " + nearest.Best() + "?";
  return out;
}

Nearest::Nearest(std::string_view text)
    : text_(text.size() <= kLongestName ? Lowered(text) : ""),
      // A third of the letters may be wrong, and one always.
      distance_(std::max<size_t>(1, text_.size() / 3) + 1) {}

void Nearest::Offer(std::string_view candidate) {
  if (text_.empty() || candidate.size() > kLongestName) return;
  const size_t distance = EditDistance(text_, Lowered(candidate));
  if (distance >= distance_) return;
  distance_ = distance;
  best_ = candidate;
}

}  // namespace fingerpost
