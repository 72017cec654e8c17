#include "core/message/enum_names.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "core/message/nearest.h"

namespace fingerpost::message {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

constexpr std::string_view kZeroSuffix = "UNSPECIFIED";

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

char NameCharacter(char c) { return c == '-' || c == '.' || c == '/' || c == ' ' ? '_' : Upper(c); }

// "PURPOSE_" for Purpose, as buf's ENUM_ZERO_VALUE_SUFFIX and ENUM_VALUE_PREFIX ensure.
std::string_view Prefix(const EnumDescriptor& type) {
  const std::string_view zero = type.value(0)->name();
  return zero.ends_with(kZeroSuffix) ? zero.substr(0, zero.size() - kZeroSuffix.size()) : "";
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
  std::string out(name);
  absl::AsciiStrToLower(&out);
  return out;
}

std::string ExpectedEnumValue(const EnumDescriptor& type, std::string_view text) {
  Nearest nearest(text);
  std::string names;
  // Without the first: the zero value means unspecified.
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string name = ShortEnumName(*type.value(i));
    nearest.Offer(name);
    absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  }
  std::string out = "expected one of " + names;
  if (!nearest.Best().empty()) out += "; did you mean " + nearest.Best() + "?";
  return out;
}

}  // namespace fingerpost::message
