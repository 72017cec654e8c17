#include "core/decide/question_faults.h"

#include <string>

#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

constexpr size_t kMaxParameters = 64;
constexpr size_t kMaxParameter = 8000;  // Like a whole URL (RFC 9110 §4.1).

}  // namespace

void CheckParameters(const Parameters& parameters, message::Faults& faults) {
  if (parameters.size() > kMaxParameters) {
    faults.Error("parameters", "at most 64, got " + std::to_string(parameters.size()));
    return;
  }
  for (const std::string_view name : SortedNames(parameters)) {
    const std::string& value = parameters.at(std::string(name));
    if (value.size() > kMaxParameter || http::HasControl(value)) {
      faults.Error(kParametersPlace.QuotedKey(name),
                   "at most 8000 octets without control characters");
    }
  }
}

}  // namespace fingerpost::decide
