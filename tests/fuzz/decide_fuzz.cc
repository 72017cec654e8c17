// Any text as Decide's question: a clear error or an answer that keeps the guarantees.
#include <cstdint>

#include "core/decide/invariants.h"
#include "core/http/fields.h"
#include "core/message/json.h"
#include "done.h"
#include "must.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::fuzz {
namespace {

void FieldsAreClean(const v1::DecideResponse& answer) {
  for (const auto& header : answer.headers()) {
    Must(http::IsToken(header.name()), "a field name that is no token", answer.DebugString());
    for (const char c : header.value()) {
      Must(c != '\r' && c != '\n' && c != '\0', "CR, LF or NUL in a field", answer.DebugString());
    }
  }
}

void Run(std::string_view text) {
  v1::DecideRequest request;
  v1::Error error;
  if (!IsDone(message::FromJson(text, request), error)) {
    Must(!error.message().empty(), "an error without a message");
    return;
  }
  const policy::compiled::Snapshot no_policy;
  v1::DecideResponse answer;
  if (!IsDone(policy::resolve::Decide(no_policy, request, answer), error)) {
    Must((error.reason() == v1::ERROR_REASON_INVALID_FIELDS ||
          error.reason() == v1::ERROR_REASON_UNKNOWN_INTENT) &&
             error.violations_size() > 0,
         "malformed, and no field is named", error.DebugString());
    return;
  }
  const std::string_view broken =
      decide::FindBrokenInvariant(request.request().method(), request.intent().purpose(), answer);
  Must(broken.empty(), broken, request.DebugString() + answer.DebugString());
  FieldsAreClean(answer);
  v1::DecideResponse again;
  Must(IsDone(policy::resolve::Decide(no_policy, request, again), error) &&
           again.SerializeAsString() == answer.SerializeAsString(),
       "another answer to the same question", request.DebugString());
  v1::DecideResponse read;
  Must(IsDone(message::FromJson(message::ToJson(answer), read), error),
       "an answer whose JSON is not read again", error.DebugString());
}

}  // namespace
}  // namespace fingerpost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fingerpost::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
