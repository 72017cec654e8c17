// Any text as Follow's question: a clear error or an answer that keeps the guarantees.
#include <cstdint>

#include "core/follow/follow.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/json.h"
#include "done.h"
#include "must.h"

namespace fingerpost::fuzz {
namespace {

// Whether the caller's options may carry a secret on, or a jar may rightly send a cookie there.
bool MayCarry(const v1::FollowRequest& request) {
  const v1::FollowOptions& options = request.options();
  return options.trusted_origins_size() > 0 || options.profile() > v1::PROFILE_STRICT ||
         options.userinfo() != v1::USERINFO_POLICY_UNSPECIFIED ||
         request.chain().cookies_size() > 0 ||
         http::FieldValue(request.response().headers(), "Set-Cookie").has_value();
}

void NextIsSafe(const v1::FollowRequest& request, const v1::HttpRequest& next) {
  const auto url = http::ParseUrl(next.url());
  if (!url.has_value()) return Must(false, "next.url does not parse", next.DebugString());
  Must(http::IsHttp(*url), "next.url is not http(s)", next.DebugString());
  for (const char c : next.url()) {
    // Go sends the query as it came, with its spaces.
    const bool space = c == ' ' && request.options().profile() > v1::PROFILE_STRICT;
    Must((static_cast<unsigned char>(c) > 0x20 || space) && c != 0x7f,
         "a control or space in next.url", next.DebugString());
  }
  const auto from = http::ParseUrl(request.request().url());
  if (!from.has_value()) return Must(false, "answered, and request.url does not parse");
  if (MayCarry(request) || http::SameOrigin(*url, *from)) return;
  for (const char* secret : {"Authorization", "Cookie", "Proxy-Authorization"}) {
    Must(!http::FieldValue(next.headers(), secret).has_value(), "a secret crosses an origin",
         request.DebugString() + next.DebugString());
  }
}

void Run(std::string_view text) {
  v1::FollowRequest request;
  v1::Error error;
  if (!IsDone(message::FromJson(text, request), error)) {
    Must(!error.message().empty(), "an error without a message");
    return;
  }
  v1::FollowResponse answer;
  if (!IsDone(follow::Follow(request, answer), error)) {
    Must(error.reason() == v1::ERROR_REASON_INVALID_FIELDS && error.violations_size() > 0,
         "malformed, and no field is named", error.DebugString());
    return;
  }
  Must(answer.has_next() || answer.has_stop(), "neither next nor stop", answer.DebugString());
  if (answer.has_next()) NextIsSafe(request, answer.next());
  v1::FollowResponse again;
  Must(IsDone(follow::Follow(request, again), error) &&
           again.SerializeAsString() == answer.SerializeAsString(),
       "another answer to the same question", request.DebugString());
}

}  // namespace
}  // namespace fingerpost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fingerpost::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
