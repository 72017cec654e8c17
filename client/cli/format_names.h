// What `policy import` and `policy export` say about the formats of other tools.
#pragma once

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <span>
#include <string>

#include "core/message/nearest.h"
#include "policy/compiled/host_table.h"

namespace fingerpost::cli {

// The format of that name; null: there is none. A format has a `name` and says `what` it is.
template <typename Format>
const Format* FormatNamed(std::span<const Format> formats, const std::string& name) {
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&name](const Format& format) { return format.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

// For CLI11: "" when there is such a format.
template <typename Format>
std::string CheckFormat(std::span<const Format> formats, const std::string& name) {
  if (FormatNamed(formats, name) != nullptr) return {};
  message::Nearest nearest(name);
  std::string known;
  for (const Format& format : formats) {
    nearest.Offer(std::string(format.name));
    absl::StrAppend(&known, known.empty() ? "" : ", ", std::string(format.name));
  }
  if (!nearest.Best().empty())
    return absl::StrCat("unknown format ", name, "; did you mean ", nearest.Best(), "?");
  return absl::StrCat("unknown format ", name, "; there are ", known);
}

// For the end of --help.
template <typename Format>
std::string FormatList(std::span<const Format> formats) {
  std::string out = "Formats:\n";
  for (const Format& format : formats) {
    absl::StrAppend(&out, "  ", std::string(format.name), std::string(18 - format.name.size(), ' '),
                    std::string(format.what), "\n");
  }
  return out;
}

// For CLI11: "" when it is a host, or a domain with all below it.
[[nodiscard]] inline std::string CheckHostPattern(const std::string& text) {
  if (policy::compiled::ParseHostPattern(text)) return {};
  return absl::StrCat("\"", text, "\" is not a host; expected www.example.com, or .example.com");
}

}  // namespace fingerpost::cli
