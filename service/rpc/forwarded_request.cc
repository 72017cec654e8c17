#include "rpc/forwarded_request.h"

#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost {
namespace {

// Whether it is a host with an optional port (RFC 9110 §7.2), without anything that the URL parser
// would reinterpret, drop, or leave empty: "%73hop.example", "0x7f.1" and "shop.example:" would
// become another spelling, which may have rules of its own.
bool IsAuthority(std::string_view host) {
  if (host.empty() || http::HasControl(host) || host.find_first_of(" /?#@\\,%") != host.npos ||
      host.ends_with(':')) {
    return false;
  }
  const auto url = http::ParseUrl("http://" + std::string(host));
  if (!url) return false;
  const std::string_view name = url->get_hostname();
  return !name.empty() && http::StartsWithIgnoreCase(host, name) &&
         (host.size() == name.size() || host[name.size()] == ':');
}

// The URL parser would drop these.
bool IsPath(std::string_view path) {
  return path.starts_with('/') && !http::HasControl(path) && path.find(' ') == path.npos;
}

}  // namespace

std::string UrlOf(std::string_view scheme, std::string_view host, std::string_view path) {
  if (!http::EqualsIgnoreCase(scheme, "http") && !http::EqualsIgnoreCase(scheme, "https"))
    return {};
  if (!IsPath(path) || !IsAuthority(host)) return {};
  std::string url;
  url.reserve(scheme.size() + 3 + host.size() + path.size());
  return url.append(scheme).append("://").append(host).append(path);
}

void AddField(std::string_view name, std::string_view value, v1::HttpRequest& request) {
  if (name.empty() || name.front() == ':') return;
  v1::Header& header = *request.add_headers();
  header.set_name(std::string(name));
  http::SetValue(header, value);
}

}  // namespace fingerpost
