#include "core/decide/allowed_targets.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/decide/target.h"
#include "core/http/hosts.h"

namespace fingerpost::decide {
namespace {

constexpr Ruling kScheme{
    v1::REASON_CODE_SCHEME_NOT_ALLOWED,
    "A target must be http or https, or in an authorization response the registered scheme of a "
    "native app, which has a dot; this is ",
    {"Fetch §4.4 HTTP-redirect fetch", "RFC 8252 §8.4"}};
constexpr Ruling kUserinfo{v1::REASON_CODE_USERINFO,
                           "A target must not have a user name or password; remove it from ",
                           {"RFC 9110 §4.2.4"}};
constexpr Ruling kHost{v1::REASON_CODE_TARGET_NOT_ALLOWED,
                       "The target leaves the request's own host; to allow it, list its host in "
                       "intent.allowed_hosts or the policy's allowed_hosts, or say trust CALLER if "
                       "no end user chose it: ",
                       {"RFC 9700 §4.11"}};
constexpr Ruling kFilledIn{
    v1::REASON_CODE_TARGET_NOT_ALLOWED,
    "The parts of the request that the rule captured or kept make its target unsafe: ",
    {"RFC 9700 §4.11", "RFC 3986 §4.2", "RFC 3986 §5.2.4"}};
constexpr Ruling kCapturedHost{v1::REASON_CODE_TARGET_NOT_ALLOWED,
                               "A part of the request's host leads the target to a host that is "
                               "not allowed; list its domain in "
                               "the policy's allowed_hosts: ",
                               {"RFC 9700 §4.11"}};
constexpr Ruling kAmbiguous{
    v1::REASON_CODE_TARGET_NOT_ALLOWED,
    "Without exactly two slashes after http: or https: the target is a path to one client and a "
    "host to another; write https://host/path, or a path that begins with one slash: ",
    {"RFC 9110 §4.2.2", "WHATWG URL §4.4"}};
constexpr Ruling kMismatch{v1::REASON_CODE_REDIRECT_URI_MISMATCH,
                           "The target does not equal any of redirect_uris, character by "
                           "character, so nothing may be sent there; tell the user instead: ",
                           {"RFC 9700 §4.1.3", "RFC 6749 §4.1.2.1"}};
constexpr Ruling kLoop{v1::REASON_CODE_LOOP,
                       "The target is the request's own URL, and the client would only ask again",
                       {"RFC 9110 §15.4"}};

// Only host, port and path: the rest of a target may be secret.
std::string Describe(const Target& target) {
  if (!target.fault.empty()) return target.fault;
  // The path may be userinfo to a client that reads a host there.
  if (target.ambiguous) return std::string(target.url.get_protocol());
  return http::IsHttp(target.url) ? http::Redacted(target.url)
                                  : std::string(target.url.get_protocol());
}

// "http://127.0.0.1:51004/cb" without its port; empty if it is not a loopback redirect URI.
struct Loopback {
  std::string_view host;
  std::string_view rest;
};
Loopback SplitLoopback(std::string_view uri) {
  constexpr std::array<std::string_view, 3> kHosts = {"http://127.0.0.1", "http://[::1]",
                                                      "http://localhost"};
  for (const std::string_view host : kHosts) {
    if (!uri.starts_with(host)) continue;
    std::string_view rest = uri.substr(host.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    }
    if (rest.empty() || rest[0] == '/' || rest[0] == '?') return {host, rest};
  }
  return {};
}

bool IsTrusted(v1::Trust trust) { return trust == v1::TRUST_CALLER || trust == v1::TRUST_POLICY; }

bool IsAllowedHost(const Question& question, const Target& target) {
  return target.trusted || IsOwnHost(question, target) ||
         http::AnyHostMatches(target.url, question.intent.allowed_hosts()) ||
         http::AnyHostMatches(target.url, question.wish.defaults.allowed_hosts());
}

// nullptr: safe.
const Ruling* FindFault(const Question& question, Target& target, v1::Trust trust) {
  if (!target.fault.empty()) return &kFilledIn;
  if (target.ambiguous) return &kAmbiguous;
  if (!http::IsHttp(target.url)) return &kScheme;
  if (http::HasUserinfo(target.url)) return &kUserinfo;
  target.trusted = IsTrusted(trust) && !target.captured_host;
  if (IsAllowedHost(question, target)) return nullptr;
  return target.captured_host ? &kCapturedHost : &kHost;
}

bool Refuse(const Ruling& ruling, const Target& target, AnswerWriter& answer) {
  answer.Outcome(v1::OUTCOME_REFUSE, ruling, Describe(target));
  return false;
}

// A private-use scheme belongs to a domain name (RFC 8252 §7.1), so it has a dot. No scheme that
// runs code has one.
bool IsAppScheme(const http::Url& url) {
  return url.get_protocol().find('.') != std::string_view::npos;
}

bool CheckRedirectUri(Question& question, AnswerWriter& answer) {
  Target& target = *question.target;
  if (!target.fault.empty()) return Refuse(kFilledIn, target, answer);
  if (target.ambiguous) return Refuse(kAmbiguous, target, answer);
  const bool registered = IsRegistered(question.target_text, question.intent);
  answer.Trace("safety.redirect_uris", !registered,
               registered ? "the target is registered" : "the target is not registered",
               kMismatch.citations);
  if (!registered) return Refuse(kMismatch, target, answer);
  if (!http::IsHttp(target.url) && !IsAppScheme(target.url)) return Refuse(kScheme, target, answer);
  if (http::HasUserinfo(target.url)) return Refuse(kUserinfo, target, answer);
  if (target.captured_host && !IsAllowedHost(question, target)) {
    return Refuse(kCapturedHost, target, answer);
  }
  target.trusted = true;
  return true;
}

v1::UnsafeTarget ModeOf(const Question& question) {
  const v1::UnsafeTarget own = question.intent.unsafe_target();
  return own != v1::UNSAFE_TARGET_UNSPECIFIED ? own : question.wish.defaults.unsafe_target();
}

// Checks the fallback, too: the caller's as an end user's target, the policy's as its own.
bool FallBack(Question& question, const Ruling& fault, AnswerWriter& answer,
              message::Faults& faults) {
  const bool own = !question.intent.fallback_target().empty();
  const std::string& text =
      own ? question.intent.fallback_target() : question.wish.defaults.fallback_target();
  if (text.empty()) return Refuse(fault, *question.target, answer);
  constexpr message::Place kPlace("intent.fallback_target");
  const size_t before = faults.errors();
  Target fallback = {.url = {}, .literal = text};
  std::string filled;
  std::string_view shown = text;
  // The policy's fallback serves all intents, so it has no placeholders.
  const bool read = own ? ReadTargetText(question, shown, kPlace, filled, fallback, faults)
                        : ResolveTarget(question, shown, kPlace, fallback, faults);
  if (!read) return false;
  if (!fallback.fault.empty()) return Refuse(kFilledIn, fallback, answer);
  CheckTarget(question, fallback, kPlace, faults);
  if (faults.errors() != before) return false;
  const Ruling* second =
      FindFault(question, fallback, own ? question.intent.trust() : v1::TRUST_POLICY);
  if (second != nullptr) return Refuse(*second, fallback, answer);
  answer.Warn(v1::WARNING_CODE_UNSAFE_TARGET_REPLACED, Describe(*question.target));
  question.target = std::move(fallback);
  return true;
}

}  // namespace

bool IsOwnHost(const Question& question, const Target& target) {
  if (target.host_unknown) return true;
  if (!question.url || question.url->get_hostname() != target.url.get_hostname()) return false;
  // Either both have their default port, as from http to https, or the port is the same, as from
  // http on 443 to https.
  return question.url->get_port() == target.url.get_port() ||
         (http::IsHttps(target.url) &&
          http::EffectivePort(*question.url) == http::EffectivePort(target.url));
}

bool IsRegistered(std::string_view text, const v1::Intent& intent) {
  const Loopback loopback = SplitLoopback(text);
  return std::any_of(intent.redirect_uris().begin(), intent.redirect_uris().end(),
                     [&](const std::string& uri) {
                       if (text == uri) return true;
                       if (loopback.host.empty()) return false;
                       const Loopback registered = SplitLoopback(uri);
                       return registered.host == loopback.host && registered.rest == loopback.rest;
                     });
}

bool CheckTargets(Question& question, AnswerWriter& answer, message::Faults& faults) {
  for (Target& alternative : question.alternatives) {
    const Ruling* fault = FindFault(question, alternative, question.intent.trust());
    if (fault != nullptr) return Refuse(*fault, alternative, answer);
  }
  if (!question.target) return true;
  if (question.intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    if (!question.intent.redirect_uris().empty()) return CheckRedirectUri(question, answer);
    answer.Warn(v1::WARNING_CODE_REDIRECT_URIS_NOT_CHECKED);
  }
  Target& target = *question.target;
  const Ruling* fault = FindFault(question, target, question.intent.trust());
  answer.Trace(
      "safety.target", fault != nullptr,
      fault != nullptr ? fault->sentence : "scheme, userinfo and host of the target are allowed",
      fault != nullptr ? fault->citations : kHost.citations);
  if (fault == nullptr) return true;
  const v1::UnsafeTarget mode = ModeOf(question);
  if (mode == v1::UNSAFE_TARGET_FALL_BACK) {
    return FallBack(question, *fault, answer, faults);
  }
  // A policy may decide only about the host: another scheme may run code, userinfo must not be
  // sent, and an authorization response is only for its client (RFC 9700 §4.11.2).
  if (mode == v1::UNSAFE_TARGET_REPORT_ONLY && fault == &kHost &&
      question.intent.purpose() != v1::PURPOSE_AUTHORIZATION_RESPONSE) {
    answer.Warn(v1::WARNING_CODE_UNSAFE_TARGET_REPORTED, Describe(target));
    target.trusted = true;
    return true;
  }
  return Refuse(*fault, target, answer);
}

bool CheckLinkTargets(Question& question, AnswerWriter& answer) {
  for (Target& link : question.links) {
    const Ruling* fault = FindFault(question, link, question.intent.trust());
    if (fault != nullptr) return Refuse(*fault, link, answer);
  }
  return true;
}

bool IsLoop(const Question& question, int32_t status, AnswerWriter& answer) {
  if (!question.url || !question.target || question.target->host_unknown) return false;
  // 303 becomes GET, and so does POST on 301 and 302 (RFC 9110 §15.4.2 to §15.4.4).
  const bool repeats = question.request.page || status == 307 || status == 308 ||
                       (status != 303 && question.request.method != "POST");
  const bool loop = repeats && http::WithoutFragment(question.target->url) ==
                                   http::WithoutFragment(*question.url);
  answer.Trace("safety.loop", loop, loop ? kLoop.sentence : "the client would send another request",
               kLoop.citations);
  if (loop) answer.Outcome(v1::OUTCOME_REFUSE, kLoop);
  return loop;
}

}  // namespace fingerpost::decide
