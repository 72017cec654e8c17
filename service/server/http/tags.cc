#include "server/http/tags.h"

#include <algorithm>

namespace fingerpost {

bool NamesTag(std::string_view if_none_match, std::string_view tag) {
  std::string_view rest = if_none_match;
  const auto skip = [&rest](std::string_view what) {
    rest.remove_prefix(std::min(rest.find_first_not_of(what), rest.size()));
  };
  skip(" \t");
  if (rest.starts_with('*')) return rest.find_first_not_of(" \t", 1) == rest.npos;
  while (true) {
    skip(" \t,");  // Empty elements count as nothing (RFC 9110 §5.6.1.2).
    if (rest.starts_with("W/")) rest.remove_prefix(2);
    if (!rest.starts_with('"')) return false;
    const size_t end = rest.find('"', 1);
    if (end == rest.npos) return false;
    if (rest.substr(0, end + 1) == tag) return true;
    rest.remove_prefix(end + 1);
    skip(" \t");
    if (!rest.starts_with(',')) return false;
  }
}

}  // namespace fingerpost
