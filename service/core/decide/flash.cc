#include "core/decide/flash.h"

#include <cstdint>
#include <string>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

constexpr int64_t kDefaultMaxAge = 60;
constexpr size_t kMaxFlashName = 64;

// One Set-Cookie line (RFC 6265bis §4.1). __Host- needs Secure, Path=/ and no Domain. Lax, because
// the page after a 303 is fetched with GET; Strict would lose the message if another site began the
// navigation. A clearing line must repeat all of it, or browsers refuse it.
void AppendCookie(std::string_view name, std::string_view text, int64_t max_age, bool https,
                  bool http_only, std::string& line) {
  if (https) line += "__Host-";
  line += name;
  line += '=';
  http::AppendEncoded(text, line);
  line += "; Path=/; Max-Age=";
  line += std::to_string(max_age);
  if (https) line += "; Secure";
  if (http_only) line += "; HttpOnly";
  line += "; SameSite=Lax";
}

}  // namespace

std::string_view FlashName(const v1::Intent& intent, const v1::Defaults& defaults) {
  if (!intent.flash().name().empty()) return intent.flash().name();
  const std::string& name = defaults.flash_cookie();
  return name.empty() ? std::string_view("flash") : std::string_view(name);
}

size_t EncodedFlashSize(std::string_view text) {
  std::string encoded;
  http::AppendEncoded(text.substr(0, kMaxFlashValue + 1), encoded);
  return encoded.size();
}

bool IsFlashName(std::string_view name) {
  return name.size() <= kMaxFlashName && http::IsToken(name) && !name.starts_with("__");
}

void WriteFlash(const Question& question, AnswerWriter& answer) {
  const v1::Flash& flash = question.intent.flash();
  const bool https = http::IsHttps(*question.url);
  if (!https) answer.Warn(v1::WARNING_CODE_FLASH_NOT_SECURE);
  const std::string_view name = FlashName(question.intent, question.wish.defaults);
  const int64_t max_age = flash.has_max_age() ? flash.max_age().seconds() : kDefaultMaxAge;
  const bool http_only = !flash.readable_by_scripts();
  AppendCookie(name, flash.text(), max_age, https, http_only, answer.Field(kSetCookie));
  AppendCookie(name, "", 0, https, http_only, *answer.out().mutable_clear_cookie());
}

}  // namespace fingerpost::decide
