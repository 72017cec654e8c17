#include "core/decide/sticky_key.h"

#include "absl/strings/str_format.h"

namespace fingerpost::decide {
namespace {

constexpr int64_t kMostSeconds = int64_t{400} * 24 * 3600;  // RFC 6265bis §5.5.

void CheckAssign(const v1::StickyKey& key, const message::Place& at, message::Faults& faults) {
  if (!key.has_cookie()) {
    faults.Error(at, "only with cookie, which keeps the key that was drawn");
  }
  const google::protobuf::Duration& age = key.assign().max_age();
  if (age.nanos() != 0 || age.seconds() < 1 || age.seconds() > kMostSeconds) {
    faults.Error(at["max_age"], "required: whole seconds from 1 s to 34560000 s");
  }
}

// The Set-Cookie line that keeps the drawn key.
void AppendAssigned(const v1::StickyKey& key, uint32_t draw, const http::Url& url,
                    std::string& line) {
  // Lax, because a visit may begin on another site. HttpOnly, because no script needs it.
  absl::StrAppendFormat(&line, "%s=%s; Path=/; Max-Age=%d%s; HttpOnly; SameSite=Lax", key.cookie(),
                        DrawnKey(draw), key.assign().max_age().seconds(),
                        http::IsHttps(url) ? "; Secure" : "");
}

}  // namespace

void CheckStickyKey(const v1::StickyKey& key, const message::Place& at, message::Faults& faults) {
  if (key.source_case() == v1::StickyKey::SOURCE_NOT_SET) {
    faults.Error(at, "required with weighted_targets: field, cookie or text");
  } else if (key.has_field() && !http::IsToken(key.field())) {
    faults.Error(at["field"], "not a field name (RFC 9110 §5.1)");
  } else if (key.has_cookie() && !http::IsToken(key.cookie())) {
    faults.Error(at["cookie"], "not a cookie name (RFC 6265bis §4.1.1)");
  }
  if (key.has_assign()) CheckAssign(key, at["assign"], faults);
}

bool Assigns(const v1::StickyKey& key, const http::Headers& headers, const http::Url& url) {
  if (!key.has_assign() || !key.has_cookie()) return false;
  // Browsers refuse prefixes such as "__Host-" without Secure (RFC 6265bis §4.1.3).
  if (key.cookie().starts_with("__") && !http::IsHttps(url)) return false;
  for (const v1::Header& header : headers) {
    // A withheld Cookie field may have the cookie, which must not be replaced.
    if (http::IsWithheld(header) && http::EqualsIgnoreCase(header.name(), "Cookie")) return false;
  }
  return http::CookieValue(headers, key.cookie()).value_or(std::string_view()).empty();
}

std::string DrawnKey(uint32_t draw) { return absl::StrFormat("%08x", draw); }

void WriteAssigned(const Question& question, int32_t status, AnswerWriter& answer) {
  const uint32_t draw = question.asked.draw();
  const v1::StickyKey& own = question.intent.sticky_key();
  bool writes_own = question.key_was_drawn && status >= 300 && status <= 399;
  for (const v1::StickyKey* key : question.wish.looked_at.assigned) {
    AppendAssigned(*key, draw, *question.url, answer.Field(kSetCookie));
    writes_own = writes_own && key->cookie() != own.cookie();
  }
  if (writes_own) AppendAssigned(own, draw, *question.url, answer.Field(kSetCookie));
}

}  // namespace fingerpost::decide
