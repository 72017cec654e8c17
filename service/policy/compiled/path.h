// Paths, in the spelling in which the policy compares them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fingerpost::policy::compiled {

// The path of a parsed URL with percent-encoding in one spelling (RFC 3986 §6.2.2): hexadecimal
// digits in upper case, unreserved characters decoded. The URL parser has already handled dot
// segments and characters that must be encoded. `buffer` holds the result if it differs.
[[nodiscard]] std::string_view NormalPath(std::string_view path, std::string& buffer);

// Whether an author's path is in that spelling already: it begins with one "/", and has only
// characters that no parser changes, with dots only inside segments. Most paths are, and need no
// parser.
[[nodiscard]] bool IsPlainPath(std::string_view text);

// An author's path, in the same spelling. nullopt: it does not begin with "/", or has a query, a
// fragment or a control character.
[[nodiscard]] std::optional<std::string> ParsePath(std::string_view text);

// The text of a part of a path in that spelling: percent-decoded, unless the octets would not be
// UTF-8 or would hold control characters.
[[nodiscard]] std::string PathText(std::string_view part);

// The RE2 pattern of a glob: "**" is any rest, "*" one segment or a part of one; each is captured.
// `path` is a result of ParsePath.
[[nodiscard]] std::string GlobToRegex(std::string_view path);

// Whether `path` is `prefix` or below it; a prefix is written without its last "/".
[[nodiscard]] bool IsUnder(std::string_view path, std::string_view prefix);

}  // namespace fingerpost::policy::compiled
