#include "core/follow/warnings.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/follow/chain.h"
#include "core/follow/credentials.h"
#include "core/follow/signatures.h"
#include "core/http/fields.h"

namespace fingerpost::follow {
namespace {

struct Sentence {
  v1::WarningCode code;
  std::string_view message;
  std::string_view citation;
};

constexpr std::array<Sentence, 9> kSentences = {{
    {v1::WARNING_CODE_DOWNGRADE,
     "The next request leaves https: everybody on the way can read and change it.",
     "RFC 9110 §17.2"},
    {v1::WARNING_CODE_USERINFO_STRIPPED, "A user name or password in a URL was removed.",
     "RFC 9110 §4.2.4"},
    {v1::WARNING_CODE_LOCATION_REPAIRED,
     "Location has characters that a URI does not allow; they were repaired as browsers do.",
     "WHATWG URL §4.4"},
    {v1::WARNING_CODE_CONTENT_CROSSES_ORIGIN, "The content is sent again, to another origin.",
     "RFC 9110 §15.4"},
    {v1::WARNING_CODE_SECRET_IN_URL,
     "The next URL's query seems to hold a secret; URLs end up in logs and histories.",
     "RFC 9700 §4.3.2"},
    {v1::WARNING_CODE_PERMANENT_WITHOUT_FRESHNESS,
     "A permanent redirect without explicit freshness; some clients keep it for ever.",
     "RFC 9111 §4.2.2"},
    {v1::WARNING_CODE_PROFILE_UNVERIFIED,
     "These rules could not be compared with the client's current release.", ""},
    {v1::WARNING_CODE_ADDRESS_NOT_CHECKED,
     "The address of the host name is not known here; check it when you connect.", "RFC 6890"},
    {v1::WARNING_CODE_RETURNS_TO_ORIGIN, "The chain goes back to an origin that it has left.", ""},
}};

// Parameters that carry bearer secrets (RFC 6750 §2.3, RFC 6749, and practice), without word
// separators: "access_token", "access-token" and "accessToken" are one.
constexpr std::array<std::string_view, 19> kSecretParameters = {
    "accesstoken", "refreshtoken",    "idtoken",    "authtoken", "sessiontoken",
    "apitoken",    "clientassertion", "token",      "jwt",       "clientsecret",
    "secret",      "password",        "passwd",     "pwd",       "apikey",
    "accesskey",   "sessionid",       "jsessionid", "phpsessid"};

bool IsSecretParameter(std::string_view name) {
  std::string words = http::ToLowerAscii(name);
  std::erase_if(words, [](char c) { return c == '_' || c == '-' || c == '.'; });
  return std::find(kSecretParameters.begin(), kSecretParameters.end(), words) !=
         kSecretParameters.end();
}

bool HasSecretParameter(std::string_view search) {
  if (search.starts_with('?')) search.remove_prefix(1);
  while (!search.empty()) {
    const size_t end = std::min(search.find('&'), search.size());
    const std::string_view name = search.substr(0, std::min(end, search.find('=')));
    if (IsSecretParameter(name)) return true;
    search.remove_prefix(std::min(end + 1, search.size()));
  }
  return false;
}

// Whether there is an explicit expiration time, or a directive that needs none (RFC 9111 §4.2.1).
// "public" does not count, and s-maxage is only for shared caches.
bool HasFreshness(const http::Headers& headers) {
  if (http::FindField(headers, "Expires") != nullptr) return true;
  constexpr std::array<std::string_view, 3> kDirectives = {"max-age", "no-cache", "no-store"};
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Cache-Control")) continue;
    if (http::IsWithheld(header)) return true;  // It may have one.
    std::string_view rest = http::ValueOf(header);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view directive = rest.substr(0, comma);
      const std::string_view name = http::TrimWhitespace(directive.substr(0, directive.find('=')));
      if (std::any_of(kDirectives.begin(), kDirectives.end(), [name](std::string_view known) {
            return http::EqualsIgnoreCase(known, name);
          })) {
        return true;
      }
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool IsPermanentWithoutFreshness(const v1::FollowRequest& request) {
  const int status = request.response().status();
  const std::string& method = request.request().method();
  return (status == 301 || status == 308) && (method == "GET" || method == "HEAD") &&
         !HasFreshness(request.response().headers());
}

}  // namespace

void Warn(v1::WarningCode code, v1::FollowResponse& out) {
  const auto* sentence = std::find_if(kSentences.begin(), kSentences.end(),
                                      [code](const Sentence& row) { return row.code == code; });
  v1::Warning& warning = *out.add_warnings();
  warning.set_code(code);
  warning.set_message(sentence->message.data(), sentence->message.size());
  if (!sentence->citation.empty())
    warning.add_citations(sentence->citation.data(), sentence->citation.size());
}

void WarnOfAddress(const v1::FollowRequest& request, const http::Url& url,
                   v1::FollowResponse& out) {
  if (request.options().targets().deny_private_addresses() && !http::IsIpAddress(url))
    Warn(v1::WARNING_CODE_ADDRESS_NOT_CHECKED, out);
}

void WarnOfNext(const v1::FollowRequest& request, const Profile& profile, const http::Url& url,
                const http::Url& next, bool crosses, v1::FollowResponse& out) {
  const v1::Body body = out.next().body();
  if (http::IsHttps(url) && !http::IsHttps(next)) Warn(v1::WARNING_CODE_DOWNGRADE, out);
  if (crosses && (body == v1::BODY_REPLAYABLE || body == v1::BODY_ONE_SHOT))
    Warn(v1::WARNING_CODE_CONTENT_CROSSES_ORIGIN, out);
  if (HasSecretParameter(next.get_search())) Warn(v1::WARNING_CODE_SECRET_IN_URL, out);
  if (IsPermanentWithoutFreshness(request)) Warn(v1::WARNING_CODE_PERMANENT_WITHOUT_FRESHNESS, out);
  if (!profile.verified) Warn(v1::WARNING_CODE_PROFILE_UNVERIFIED, out);
  WarnOfAddress(request, next, out);
  WarnOfSignatures(request, url, next, out);
  if (!crosses) return;
  if (ReturnsToOrigin(out.chain(), next)) Warn(v1::WARNING_CODE_RETURNS_TO_ORIGIN, out);
  for (const v1::Header& header : out.next().headers()) {
    if (!LooksLikeSecret(header.name())) continue;
    v1::Warning& warning = *out.add_warnings();
    warning.set_code(v1::WARNING_CODE_UNDECLARED_SECRET);
    warning.set_message(
        header.name() +
        " goes to another origin; if it is a secret, name it in options.secret_fields.");
    warning.add_citations("RFC 9110 §15.4");
  }
}

}  // namespace fingerpost::follow
