// How a web server uses an answer: the way back after a login, Vary, and the status of an error
// page.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "call_error.h"
#include "fingerpost/client.h"

namespace fingerpost {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

// RFC 9110 §5.6.3.
std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Adds the names of a Vary value, each once, as first written.
void AddNames(std::string_view value, std::vector<std::string_view>& names) {
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const std::string_view name = Trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (!name.empty() &&
        std::ranges::none_of(names, [&](auto known) { return SameName(known, name); })) {
      names.push_back(name);
    }
  }
}

// The parts of a question that hold a visitor's values.
bool IsVisitors(const v1::FieldViolation& violation) {
  constexpr std::array<std::string_view, 6> kFields = {"request",
                                                       "parameters",
                                                       "intent.target",
                                                       "intent.flash",
                                                       "intent.response_parameters",
                                                       "intent.sticky_key"};
  return std::ranges::any_of(kFields, [&](std::string_view field) {
    const std::string_view path = violation.field();
    return path.starts_with(field) &&
           (path.size() == field.size() || path[field.size()] == '.' || path[field.size()] == '[');
  });
}

}  // namespace

std::string Decision::Vary(std::string_view page) const {
  std::vector<std::string_view> names;
  AddNames(page, names);
  for (const auto& header : response.headers()) {
    if (SameName(header.name(), "vary")) AddNames(header.value(), names);
  }
  if (std::ranges::find(names, "*") != names.end()) return "*";
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

bool Client::Back(const v1::HttpRequest& request, const std::string& next, Decision& out,
                  v1::Error& error, const std::string& otherwise,
                  const CallOptions& options) const {
  v1::DecideRequest question;
  *question.mutable_request() = request;
  v1::Intent& intent = *question.mutable_intent();
  intent.set_purpose(v1::PURPOSE_FORM_RESULT);
  if (!next.empty()) {
    intent.set_target(next);
    // Whatever the policy says about unsafe targets.
    intent.set_unsafe_target(v1::UNSAFE_TARGET_REFUSE);
    intent.set_trust(v1::TRUST_END_USER);
    if (Decide(question, out, error, options) && out.MustSend()) return true;
  }
  intent.set_target(otherwise);
  intent.set_trust(v1::TRUST_CALLER);
  return Decide(question, out, error, options);
}

int ErrorStatus(const Decision& decision, const v1::Error& error) {
  if (error.code() == "INVALID_ARGUMENT") {
    const bool visitors =
        !error.violations().empty() && std::ranges::all_of(error.violations(), IsVisitors);
    return visitors ? 400 : 500;
  }
  if (IsTooLarge(error)) return 400;  // Only a visitor's values do that.
  if (!error.code().empty()) return IsAnAnswer(error) ? 500 : 503;
  const v1::ReasonCode reason = decision.response.reason().code();
  switch (decision.response.outcome()) {
    case v1::OUTCOME_PASS:
      return 404;
    case v1::OUTCOME_REFUSE:
      // The application's own modifiers cause these.
      return reason == v1::REASON_CODE_PINNED_STATUS_CONTRADICTS ||
                     reason == v1::REASON_CODE_FLASH_ON_PERMANENT
                 ? 500
                 : 400;
    default:
      return 500;
  }
}

}  // namespace fingerpost
