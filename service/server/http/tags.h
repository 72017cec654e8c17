// Entity tags: whether a client has a representation already.
#pragma once

#include <string_view>

namespace fingerpost {

// Whether If-None-Match names `tag`, a strong entity tag with its quotes: "*", or a list that has
// it (RFC 9110 §13.1.2), by the weak comparison (§8.8.3.2). What is no list names nothing from
// there on.
[[nodiscard]] bool NamesTag(std::string_view if_none_match, std::string_view tag);

}  // namespace fingerpost
