// What the words of profile_settings.h are made of.
#pragma once

#include <absl/strings/str_join.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/follow/profiles/profile.h"
#include "profile_settings.h"

namespace fingerpost::cli {

using Words = std::vector<std::string>;

// "a; b", or `nothing`.
[[nodiscard]] inline std::string Listed(const Words& words, std::string_view nothing) {
  return words.empty() ? std::string(nothing) : absl::StrJoin(words, "; ");
}

// The words whose flag is set.
template <typename Flags, size_t N>
[[nodiscard]] Words WordsOf(Flags flags, const std::pair<Flags, const char*> (&names)[N]) {
  Words words;
  for (const auto& [flag, name] : names) {
    if ((flags & flag) != 0) words.emplace_back(name);
  }
  return words;
}

// The same for members that are true.
template <typename Rule, size_t N>
[[nodiscard]] Words WordsOf(const Rule& rule,
                            const std::pair<bool Rule::*, const char*> (&names)[N]) {
  Words words;
  for (const auto& [member, name] : names) {
    if (rule.*member) words.emplace_back(name);
  }
  return words;
}

// "x00-x1f ^ beyond ASCII"
[[nodiscard]] std::string CharactersText(std::string_view characters);

// How the next URL is written.
[[nodiscard]] std::string SpellingText(const follow::Spelling* spelling);

// Append the settings of one part of a profile.
void AddLocation(const follow::LocationRule& rule, std::vector<ProfileSetting>& settings);
void AddJar(const follow::Profile& profile, std::vector<ProfileSetting>& settings);

}  // namespace fingerpost::cli
