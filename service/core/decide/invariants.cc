#include "core/decide/invariants.h"

#include <algorithm>
#include <charconv>

#include "core/decide/allowed_targets.h"
#include "core/decide/answer_writer.h"
#include "core/decide/status_facts.h"
#include "core/decide/target.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::decide {
namespace {

constexpr std::string_view kLineEnd = "no field has CR, LF or NUL";
constexpr std::string_view kSharedCookie = "an answer that sets a cookie is for no shared cache";

struct Fields {
  int locations = 0;
  int leading = 0;  // With those that a script reads in Location's place.
  bool set_cookie = false;
  bool allows_all = false;
  bool allows_credentials = false;
  std::string_view cache_control;
  std::string_view content_length;
};

bool IsNamed(std::string_view name, const FieldName& field) {
  return name == field.title || name == field.lower;
}

// Whether a client goes where the field of this name says. The lengths of the names differ, so one
// comparison is enough; it is made for every field of every answer.
bool Leads(std::string_view name) {
  switch (name.size()) {
    case kLocation.title.size():
      return IsNamed(name, kLocation);
    case kHtmxRedirect.title.size():
      return IsNamed(name, kHtmxRedirect);
    case kInertiaLocation.title.size():
      return IsNamed(name, kInertiaLocation);
    default:
      return false;
  }
}

// Reads the fields once; returns the invariant that a field breaks by itself.
std::string_view Read(const http::Headers& headers, Fields& fields) {
  for (const v1::Header& header : headers) {
    const std::string_view name = header.name();
    const std::string_view value = header.value();
    if (http::HasLineEnd(value)) return kLineEnd;
    if (Leads(name)) {
      ++fields.leading;
      if (value.empty() || value.starts_with("//")) return "Location names a scheme with a host";
    }
    // The six names have different lengths.
    switch (name.size()) {
      case kLocation.title.size():
        if (IsNamed(name, kLocation)) ++fields.locations;
        break;
      case kCacheControl.title.size():
        if (IsNamed(name, kCacheControl)) fields.cache_control = value;
        break;
      case kSetCookie.title.size():
        if (IsNamed(name, kSetCookie)) fields.set_cookie = true;
        break;
      case kAllowOrigin.title.size():
        if (IsNamed(name, kAllowOrigin)) fields.allows_all = value == "*";
        break;
      case kAllowCredentials.title.size():
        if (IsNamed(name, kAllowCredentials)) fields.allows_credentials = true;
        break;
      case kContentLength.title.size():
        if (IsNamed(name, kContentLength)) fields.content_length = value;
        break;
      default:
        break;
    }
  }
  return {};
}

bool Has(std::string_view text, std::string_view part) {
  return text == part || text.find(part) != std::string_view::npos;
}

bool IsPermanent(int32_t status) { return status == 301 || status == 308; }

// A redirect has exactly one Location. Other answers have none, unless they created something.
bool LocationsFit(int32_t status, int locations) {
  if (status == 300) return locations <= 1;
  return locations == (HasLocation(status) ? 1 : 0);
}

bool LengthFits(std::string_view method, std::string_view body, std::string_view content_length) {
  if (content_length.empty()) return body.empty();
  size_t length = 0;
  std::from_chars(content_length.data(), content_length.data() + content_length.size(), length);
  return method == "HEAD" ? body.empty() : body.size() == length;
}

// Whether `literal`, a text without any values, names the host and port of `url`. Most are spelled
// as the URL parser does; others are parsed again.
bool Names(std::string_view literal, const Question& question, const http::Url& url) {
  const size_t scheme = literal.find_first_of(":/\\?#");
  if (scheme != std::string_view::npos && literal.substr(scheme).starts_with("://")) {
    const std::string_view rest = literal.substr(scheme + 3);
    if (rest.substr(0, rest.find_first_of("/?#\\")) == url.get_host()) return true;
  }
  const auto named = http::ParseUrl(literal, question.url);
  if (!named || named->get_hostname() != url.get_hostname()) return false;
  // "//host" has the request's scheme, or https for https_upgrade.
  if (http::IsHttp(*named) != http::IsHttp(url)) return false;
  return http::IsHttp(url) ? named->get_port() == url.get_port() ||
                                 http::EffectivePort(*named) == http::EffectivePort(url)
                           : named->get_protocol() == url.get_protocol();
}

bool MayLeadTo(const Question& question, const Target& target) {
  if (!target.fault.empty()) return false;
  const auto& own = question.intent.allowed_hosts();
  return IsOwnHost(question, target) ||
         (target.trusted && Names(target.literal, question, target.url)) ||
         http::AnyHostMatches(target.url, own) ||
         http::AnyHostMatches(target.url, question.wish.defaults.allowed_hosts());
}

// The backend or the program answers, so nothing is written, except fields that PASS adds to the
// backend's response.
std::string_view FindBrokenSilence(const v1::DecideResponse& answer) {
  if (!answer.body().empty()) return "only REDIRECT and RESPOND have content";
  if (answer.headers().empty()) return {};
  if (answer.outcome() != v1::OUTCOME_PASS) return "REFUSE and FORWARD have no fields";
  bool set_cookie = false;
  std::string_view cache_control;
  for (const v1::Header& header : answer.headers()) {
    if (http::HasLineEnd(header.value())) return kLineEnd;
    if (IsNamed(header.name(), kCacheControl)) {
      cache_control = header.value();
    } else if (IsNamed(header.name(), kSetCookie)) {
      set_cookie = true;
    } else if (!IsNamed(header.name(), kVary)) {
      return "PASS has no fields but Cache-Control, Vary and Set-Cookie";
    }
  }
  if (set_cookie && !Has(cache_control, "private")) return kSharedCookie;
  return {};
}

}  // namespace

std::string_view FindBrokenHost(const Question& question, const v1::DecideResponse& answer) {
  constexpr std::string_view kBroken = "an answer leads to a host that was named or allowed";
  if (!answer.target().empty() && (!question.target || !MayLeadTo(question, *question.target))) {
    return kBroken;
  }
  for (const v1::Header& header : answer.headers()) {
    if (!Leads(header.name())) continue;
    // The content comes from the same text.
    if (answer.target().empty() || header.value() != LocationText(*question.target)) {
      return "Location is the target that was checked";
    }
  }
  const auto allowed = [&question](const Target& target) { return MayLeadTo(question, target); };
  if (answer.status() != 0 && !std::all_of(question.links.begin(), question.links.end(), allowed)) {
    return kBroken;
  }
  if (answer.status() != 300) return {};
  return std::all_of(question.alternatives.begin(), question.alternatives.end(), allowed)
             ? std::string_view()
             : kBroken;
}

std::string_view FindBrokenInvariant(std::string_view method, v1::Purpose purpose,
                                     const v1::DecideResponse& answer) {
  const int32_t status = answer.status();
  const bool written =
      answer.outcome() == v1::OUTCOME_REDIRECT || answer.outcome() == v1::OUTCOME_RESPOND;
  if (answer.reason().code() == v1::REASON_CODE_UNSPECIFIED) return "every answer has a reason";
  if (written != (status != 0)) return "status is set exactly for REDIRECT and RESPOND";
  if (!written) return FindBrokenSilence(answer);
  Fields fields;
  const std::string_view field_fault = Read(answer.headers(), fields);
  if (!field_fault.empty()) return field_fault;
  if ((answer.outcome() == v1::OUTCOME_REDIRECT) != (status >= 300 && status <= 399)) {
    return "REDIRECT is a 3xx and RESPOND is none";
  }
  if (!LocationsFit(status, fields.locations)) return "a redirect has exactly one Location";
  if (fields.leading > 1) return "one field leads the client";
  const bool page = method == "GET" || method == "HEAD";
  if (!page && IsPermanent(status) && status == 301) return "301 answers GET and HEAD only";
  if (purpose == v1::PURPOSE_AUTHORIZATION_RESPONSE && (status == 307 || status == 308)) {
    return "an authorization response is never 307 or 308";
  }
  const bool no_store = Has(fields.cache_control, "no-store");
  if (!answer.clear_cookie().empty() && (IsPermanent(status) || !no_store)) {
    return "a flash message is no-store and not on a permanent redirect";
  }
  if (fields.set_cookie && !no_store && !Has(fields.cache_control, "private")) {
    return kSharedCookie;
  }
  if (fields.allows_all && fields.allows_credentials) return "credentials are for listed origins";
  if (fields.cache_control.empty()) return "Cache-Control is always written";
  if ((IsPermanent(status) || status == 410) && !no_store &&
      !Has(fields.cache_control, "max-age=")) {
    return "301, 308 and 410 have explicit freshness or no-store";
  }
  if (!page && !no_store) return "only answers to GET and HEAD are stored";
  if (!LengthFits(method, answer.body(), fields.content_length)) {
    return "Content-Length is the length of the content";
  }
  return {};
}

}  // namespace fingerpost::decide
