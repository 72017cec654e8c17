// Paths in the one spelling in which the policy compares them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::policy::compiled {

// The path of a parsed URL with percent-encoding in one spelling (RFC 3986 §6.2.2): hexadecimal
// digits in upper case, unreserved characters decoded. Dot segments and characters that must be
// encoded have been dealt with by the URL parser. `buffer` holds the result where it differs.
[[nodiscard]] std::string_view NormalPath(std::string_view path, std::string& buffer);

// A path written by an author, in the same spelling. nullopt: it does not begin with "/", or it has
// a query or a fragment, or a control.
[[nodiscard]] std::optional<std::string> ParsePath(std::string_view text);

// What a part of a path in that spelling says: percent-decoded, unless the octets would not be
// UTF-8 or hold controls.
[[nodiscard]] std::string PathText(std::string_view part);

// The RE2 pattern of a glob: "**" any rest, "*" one segment or a part of one, each captured.
// `path` is a result of ParsePath.
[[nodiscard]] std::string GlobToRegex(std::string_view path);

}  // namespace fingerpost::policy::compiled
