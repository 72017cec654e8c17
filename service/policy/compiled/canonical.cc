#include "policy/compiled/canonical.h"

#include <algorithm>

#include "core/http/percent_encoding.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {
namespace {

// What the specifications name there is to the octet as they name it (RFC 8615 §3).
constexpr std::string_view kWellKnown = "/.well-known/";

bool IsFile(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != path.npos;
}

}  // namespace

CanonicalForm CompileCanonical(const v1::Canonical& canonical, const message::Place& at,
                               const AllowedHosts& allowed, message::Faults& faults) {
  CanonicalForm form = {.host = {}, .slash = canonical.slash(), .letter_case = canonical.case_()};
  if (canonical.host().empty()) return form;
  const auto host = ParseHostPattern(canonical.host());
  if (!host || host->starts_with('.')) {
    faults.Error(at["host"],
                 "is not a host; expected \"www.example.com\", without scheme, port and path");
    return form;
  }
  const auto url = http::ParseUrl("https://" + *host + "/");
  if (!url || !allowed.Allows(*url)) faults.Error(at["host"], kHostNotAllowed);
  form.host = *host;
  return form;
}

std::string CanonicalPath(std::string_view path, const CanonicalForm& form) {
  std::string canonical(path);
  std::string buffer;
  const std::string_view normal = NormalPath(path, buffer);
  if (normal.starts_with(kWellKnown)) return canonical;
  if (form.letter_case == v1::CANONICAL_CASE_LOWER) http::LowerCase(canonical);
  if (form.slash == v1::CANONICAL_SLASH_REMOVE) {
    canonical.resize(std::max<size_t>(canonical.find_last_not_of('/') + 1, 1));
  } else if (form.slash == v1::CANONICAL_SLASH_ADD && !canonical.ends_with('/') &&
             !IsFile(normal)) {
    canonical += '/';
  }
  return canonical;
}

http::Url CanonicalUrl(const http::Url& url, const CanonicalForm& form, bool secure) {
  http::Url canonical = url;
  canonical.set_search("");
  canonical.set_hash("");
  if (secure) canonical.set_protocol("https");
  if (!form.host.empty()) canonical.set_hostname(form.host);
  canonical.set_pathname(CanonicalPath(url.get_pathname(), form));
  return canonical;
}

}  // namespace fingerpost::policy::compiled
