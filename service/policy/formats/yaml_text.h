// Values as they are written in YAML, also within "{…}" and "[…]".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost::policy::formats {

// Plain where it can only be text; else quoted.
[[nodiscard]] std::string YamlText(std::string_view text);

// "[a, b]"
[[nodiscard]] std::string YamlList(const std::vector<std::string>& texts);

}  // namespace fingerpost::policy::formats
