// A client profile in words: each setting of core/follow/profiles/profile.h with its name and its
// value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/follow/profiles/profile.h"

namespace fingerpost::cli {

struct ProfileSetting {
  std::string_view name;
  std::string value;
};

// The same settings in the same order for every profile. Of a jar and of the spelling they say the
// habits, not every form of a date or set of characters. The id, the name and `verified` are
// none.
[[nodiscard]] std::vector<ProfileSetting> SettingsOf(const follow::Profile& profile);

// "curl_follow", as --profile takes it.
[[nodiscard]] std::string NameOf(const follow::Profile& profile);

}  // namespace fingerpost::cli
