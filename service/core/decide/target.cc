#include "core/decide/target.h"

#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

// The base of a path-absolute target without a known host (RFC 6761 §6.4).
const http::Url& UnknownHost() {
  static const http::Url url = *http::ParseUrl("https://unknown.invalid/");
  return url;
}

bool IsSlash(char c) { return c == '/' || c == '\\'; }

// "https:", "com.example.app:": a scheme makes a reference absolute (RFC 3986 §3.1).
bool HasScheme(std::string_view text) {
  const size_t end = text.find_first_of(":/\\?#");
  return end != std::string_view::npos && text[end] == ':' && end > 0;
}

bool StartsWithTwoSlashes(std::string_view text) {
  return text.size() >= 2 && IsSlash(text[0]) && IsSlash(text[1]);
}

// Whether a path alone is not enough: RFC 1945 §10.11, another origin, or a path that would be read
// as a host.
bool NeedsHost(const Question& question, const http::Url& url) {
  const v1::Purpose purpose = question.intent.purpose();
  return question.request.http_1_0() || !question.url ||
         purpose == v1::PURPOSE_AUTHORIZATION_RESPONSE || purpose == v1::PURPOSE_HTTPS_UPGRADE ||
         !http::SameOrigin(url, *question.url) || url.get_pathname().starts_with("//");
}

}  // namespace

bool ResolveTarget(const Question& question, std::string_view text, const message::Place& at,
                   Target& target, message::Faults& faults) {
  while (text.starts_with(' ')) text.remove_prefix(1);  // As the parser does.
  target.host_unknown = false;
  target.ambiguous = http::LacksTwoSlashes(text);
  bool parsed = false;
  if (question.url) {
    if (question.intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE) {
      const Target base = UpgradedToHttps(*question.url);
      parsed = http::ParseUrl(text, &base.url, target.url);
    } else {
      parsed = http::ParseUrl(text, question.url, target.url);
    }
  } else if (HasScheme(text)) {
    parsed = http::ParseUrl(text, nullptr, target.url);
  } else if (text.starts_with('/') && !StartsWithTwoSlashes(text)) {
    parsed = http::ParseUrl(text, &UnknownHost(), target.url);
    target.host_unknown = true;
  } else {
    faults.Error("request.url",
                 "required: " + ToString(at) + " is neither absolute nor path-absolute");
    return false;
  }
  if (!parsed) {
    faults.Error(at, "not a URL (WHATWG URL Standard §4.4)");
    return false;
  }
  target.absolute = !target.host_unknown && (HasScheme(text) || StartsWithTwoSlashes(text) ||
                                             NeedsHost(question, target.url));
  http::WriteAsUri(target.url);
  if (http::HasNoUri(target.url.get_hostname())) {
    faults.Error(at, "not a URL: its host has a character that no host has (RFC 3986 §3.2.2)");
    return false;
  }
  if (target.host_unknown && target.url.get_pathname().starts_with("//")) {
    faults.Error("request.url", "required: the path of " + ToString(at) +
                                    " starts with \"//\", which cannot be sent alone");
    return false;
  }
  return true;
}

void CheckTarget(const Question& question, Target& target, const message::Place& at,
                 message::Faults& faults) {
  if (question.intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE && !http::IsHttps(target.url)) {
    faults.Error(at, "expected an https URL for https_upgrade");
  }
  if (question.request.http_1_0() && target.host_unknown) {
    faults.Error("request.url", "required: HTTP/1.0 needs an absolute Location (RFC 1945 §10.11)");
  }
  const size_t size = LocationText(target).size();
  if (size <= kMaxLocation) return;
  std::string what =
      "at most 8000 octets once serialised (RFC 9110 §4.1), got " + std::to_string(size);
  if (question.wish.matched) {
    target.fault = std::move(what);
  } else {
    faults.Error(at, what);
  }
}

Target UpgradedToHttps(const http::Url& url) {
  Target target{.url = url, .absolute = true};
  target.url.set_protocol("https");
  return target;
}

std::string_view LocationText(const Target& target) {
  return target.absolute ? target.url.get_href() : http::FromPathOn(target.url);
}

}  // namespace fingerpost::decide
