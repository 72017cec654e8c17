// Which hosts a cookie's domain is for.
#pragma once

#include <string_view>

namespace fingerpost::http {

// RFC 6265bis §5.1.3. Both are in lower case.
[[nodiscard]] inline bool DomainMatches(std::string_view host, std::string_view domain,
                                        bool host_is_address) {
  if (host == domain) return true;
  return !host_is_address && host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

}  // namespace fingerpost::http
