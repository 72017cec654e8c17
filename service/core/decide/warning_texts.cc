#include "core/decide/warning_texts.h"

#include <algorithm>
#include <array>

namespace fingerpost::decide {
namespace {

constexpr std::array<WarningText, 21> kTexts = {{
    {v1::WARNING_CODE_HTTP_1_0_FALLBACK,
     "HTTP/1.0 knows 300, 301, 302 and 304 only",
     {"RFC 1945 §9.3", "RFC 9110 §15.4"}},
    {v1::WARNING_CODE_FORM_RESULT_ON_SAFE_METHOD,
     "form_result answers a safe method: a 303 to GET says that there is no representation here; "
     "use canonical_url, temporary_move or describes",
     {"RFC 9110 §15.4.4"}},
    {v1::WARNING_CODE_CREDENTIALS_STAY_BEHIND,
     "the target is another origin: clients repeat method and content there, but neither "
     "Authorization nor a Cookie that was set by hand",
     {"RFC 9110 §15.4"}},
    {v1::WARNING_CODE_PLAINTEXT_ALREADY_SENT,
     "the request's content has already crossed the network in plain text",
     {"RFC 6797 §7.2"}},
    {v1::WARNING_CODE_FLASH_NOT_SECURE,
     "over plain HTTP the flash cookie has neither Secure nor the __Host- prefix",
     {"RFC 6265bis §4.1.3"}},
    {v1::WARNING_CODE_DOWNGRADE, "an https request is sent to an http target", {"RFC 9110 §4.2.2"}},
    {v1::WARNING_CODE_HOST_FIELD_DIFFERS,
     "the Host field names another host than request.url, which decided",
     {"RFC 9110 §7.2"}},
    {v1::WARNING_CODE_FORWARDED_PROTO_DIFFERS,
     "X-Forwarded-Proto or Forwarded names another scheme than request.url, which decided; behind "
     "a "
     "proxy that you trust, give the URL as the client sent it",
     {"RFC 7239 §5.4"}},
    {v1::WARNING_CODE_REDIRECT_URIS_NOT_CHECKED,
     "the target was not compared with the client's registered redirect URIs; list them in "
     "redirect_uris",
     {"RFC 9700 §4.1.3"}},
    {v1::WARNING_CODE_FORWARDING_IS_BETTER,
     "most webhook senders take a 3xx for a failed delivery; forward the request instead",
     {"RFC 9110 §15.4"}},
    {v1::WARNING_CODE_FRESHNESS_CAPPED,
     "the requested freshness was shortened to the rest of the window",
     {"RFC 9111 §4.2.1"}},
    {v1::WARNING_CODE_CACHE_WISH_IGNORED, "the cache wish was dropped: ", {"RFC 9111 §3"}},
    {v1::WARNING_CODE_UNSAFE_TARGET_REPLACED,
     "the fallback target was sent instead: ",
     {"RFC 9700 §4.11"}},
    {v1::WARNING_CODE_UNSAFE_TARGET_REPORTED,
     "sent all the same, because unsafe targets are only reported: ",
     {"RFC 9700 §4.11"}},
    {v1::WARNING_CODE_TARGET_NOT_PUBLIC,
     "the target's host is not on the public Internet; clients elsewhere cannot reach it",
     {"RFC 6761 §6", "RFC 6890 §2.2"}},
    {v1::WARNING_CODE_CONTENT_IS_LOST,
     "the request's content is lost when the user comes back from the login page",
     {"RFC 9110 §15.4.4"}},
    {v1::WARNING_CODE_COOKIE_REFUSED,
     "a cookie is left out, because clients would refuse it: ",
     {"RFC 6265bis §5.7"}},
    {v1::WARNING_CODE_COOKIE_NOT_SET_AGAIN,
     "while this answer is fresh, the browser does not ask again, and the cookie is not set again; "
     "cache: {no_cache: true} sets it every time",
     {"RFC 9111 §4.2"}},
    {v1::WARNING_CODE_ORIGIN_BECOMES_NULL,
     "the next request of the script has \"Origin: null\", because neither origin of this redirect "
     "is the page's: only a target that answers \"*\" can be read, and without credentials",
     {"Fetch §4.4 HTTP-redirect fetch"}},
    {v1::WARNING_CODE_SCRIPT_CANNOT_FOLLOW,
     "the script that swaps pages cannot follow this redirect, unless the target's CORS fields "
     "allow "
     "the page's origin; let the browser send the form (data-turbo=\"false\", no hx-post)",
     {"Fetch §4.4 HTTP-redirect fetch"}},
    {v1::WARNING_CODE_MODIFIER_IGNORED, "without meaning for this answer, ignored: ", {}},
}};

}  // namespace

const WarningText& FindWarningText(v1::WarningCode code) {
  const auto* found = std::find_if(kTexts.begin(), kTexts.end(),
                                   [code](const WarningText& text) { return text.code == code; });
  return found == kTexts.end() ? kTexts.back() : *found;
}

void AddWarning(v1::WarningCode code, std::string_view detail, v1::DecideResponse& out) {
  const WarningText& text = FindWarningText(code);
  v1::Warning& warning = *out.add_warnings();
  warning.set_code(code);
  warning.mutable_message()->assign(text.sentence).append(detail);
  http::Cite(text.citations, warning);
}

}  // namespace fingerpost::decide
