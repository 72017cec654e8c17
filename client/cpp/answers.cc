#include "answers.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace fingerpost {
namespace {

using Headers = google::protobuf::RepeatedPtrField<v1::Header>;

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// RFC 9110 §5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return IsAlphanumeric(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool IsControl(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

// RFC 9110 §5.5: HTAB is the only control that a value may contain.
bool IsValue(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return IsControl(c) && c != '\t'; });
}

bool CheckField(const v1::Header& header, v1::Error& error) {
  if (!IsToken(header.name())) return Malformed("a field name is not a token", error);
  if (!IsValue(header.value()) || !IsValue(header.raw_value())) {
    return Malformed("the value of a field has a control character", error);
  }
  return true;
}

bool CheckFields(const Headers& headers, v1::Error& error) {
  return std::ranges::all_of(
      headers, [&error](const v1::Header& header) { return CheckField(header, error); });
}

bool IsNamed(const v1::Header& header, std::string_view name) {
  return std::ranges::equal(header.name(), name, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
}

bool IsLocation(const v1::Header& header) { return IsNamed(header, "location"); }

// The page, too, must name the fields that a rule looked at (RFC 9110 §12.5.5); one that gets a
// drawn key of `assign` is for one client.
bool IsForThePage(const v1::Header& header) {
  return IsNamed(header, "vary") || IsNamed(header, "set-cookie") ||
         IsNamed(header, "cache-control");
}

bool IsEmptyLocation(const v1::Header& header) {
  return IsLocation(header) && header.value().empty() && header.raw_value().empty();
}

}  // namespace

bool Malformed(const char* what, v1::Error& error) {
  error.Clear();
  error.set_code(kMalformed);
  error.set_message(std::string("the service's answer was not used: ") + what);
  return false;
}

bool CheckDecision(v1::DecideResponse& answer, v1::Error& error) {
  const int status = answer.status();
  if (!IsValue(answer.target()) || !IsValue(answer.clear_cookie())) {
    return Malformed("target or clear_cookie has a control character", error);
  }
  if (answer.outcome() != v1::OUTCOME_REDIRECT && answer.outcome() != v1::OUTCOME_RESPOND) {
    if (status != 0 || !std::ranges::all_of(answer.headers(), IsForThePage)) {
      return Malformed("no response, but a status or the fields of one", error);
    }
    if (!CheckFields(answer.headers(), error)) return false;
    if (answer.outcome() < v1::OUTCOME_FORWARD || answer.outcome() > v1::OUTCOME_REFUSE) {
      answer.set_outcome(v1::OUTCOME_PASS);
    }
    return true;
  }
  if (!CheckFields(answer.headers(), error)) return false;
  const bool redirect = status >= 300 && status <= 399;
  if (redirect != (answer.outcome() == v1::OUTCOME_REDIRECT) || status < 200 || status > 599) {
    return Malformed("outcome and status contradict each other", error);
  }
  if (std::ranges::any_of(answer.headers(), IsEmptyLocation)) {
    return Malformed("an empty Location", error);
  }
  const auto locations = std::ranges::count_if(answer.headers(), IsLocation);
  if (locations > 1 || (redirect && status != 300 && locations != 1)) {
    return Malformed("a redirect has exactly one Location", error);
  }
  return true;
}

bool CheckHop(v1::FollowResponse& answer, v1::Error& error) {
  if (!answer.has_next()) {
    if (!answer.has_stop()) answer.mutable_stop()->set_error(true);
    return true;
  }
  const std::string& url = answer.next().url();
  const bool http = (url.starts_with("http://") && url != "http://") ||
                    (url.starts_with("https://") && url != "https://");
  if (!http || std::ranges::any_of(url, [](char c) { return IsControl(c) || c == ' '; })) {
    return Malformed("the next URL is not an http or https URL", error);
  }
  if (!IsToken(answer.next().method())) return Malformed("the next method is not a token", error);
  const auto& changes = answer.changes();
  return CheckFields(answer.next().headers(), error) &&
         std::ranges::all_of(changes, [&error](const v1::Change& change) {
           return !change.has_field() || CheckField(change.field(), error);
         });
}

}  // namespace fingerpost
