// Other tools' regular expressions, which find a match anywhere in a path, and "$1" in their
// targets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::policy::formats {

// The RE2 pattern that matches the whole path where `perl`, an expression of PCRE, is found in it:
// "^/a" is
// "/a.*". Groups keep their numbers.
[[nodiscard]] std::string SearchPattern(std::string_view perl);

// The same for a tool that compares decoded paths: blanks and what is not ASCII are
// percent-encoded.
[[nodiscard]] std::string SearchDecoded(std::string_view expression);

// The text that the pattern matches, when it is one text only; nullopt otherwise.
[[nodiscard]] std::optional<std::string> OnlyText(std::string_view pattern);

// Where `target` begins with a capture, or has one right behind its host, takes the "/" that the
// capture begins with out of its group and into the target, so that it cannot be a part of the
// host. False: it begins with none.
[[nodiscard]] bool KeepFromHost(std::string& pattern, std::string& target);

// Whether it is found in every path, and has no group.
[[nodiscard]] bool FindsAll(std::string_view expression);

// `target` with "{1}" for "$1" and "\1".
[[nodiscard]] std::string GroupTarget(std::string_view target);

}  // namespace fingerpost::policy::formats
