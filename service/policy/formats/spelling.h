// From other tools' paths, patterns and targets to the policy's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::policy::formats {

// The RE2 pattern that matches the path `literal` only, in the spelling in which the policy
// compares paths. nullopt: it is no path.
[[nodiscard]] std::optional<std::string> LiteralPattern(std::string_view literal);

// The RE2 pattern that matches `text` only.
[[nodiscard]] std::string Quoted(std::string_view text);

// `text` so that none of its braces is a placeholder.
[[nodiscard]] std::string WithoutPlaceholders(std::string_view text);

// Percent-encodes what no URL has: blanks, quotes, controls and octets that are not ASCII; also "%"
// itself, where the other tool writes paths decoded.
[[nodiscard]] std::string Encoded(std::string_view decoded);

// Whether `text` begins with "http://" or "https://".
[[nodiscard]] bool IsAbsolute(std::string_view text);

// What is wrong with a target, "" when nothing is. Its placeholders stand where they may.
[[nodiscard]] std::string_view TargetFault(std::string_view target);

// The host that an absolute target names, with its port when it has one; "" otherwise. That of
// "https://{0}.x" is ".x".
[[nodiscard]] std::string TargetHost(std::string_view target);

}  // namespace fingerpost::policy::formats
