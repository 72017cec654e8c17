#include "policy/count/without_secrets.h"

#include "core/http/url.h"

namespace fingerpost::policy::count {

std::string WithoutSecrets(std::string_view text, size_t most) {
  const auto url = http::ParseUrl(text);
  if (!url || !http::IsHttp(*url)) return {};
  std::string redacted = http::Redacted(*url);
  if (redacted.size() > most) {
    // Of ASCII, so that a URL that was cut remains one.
    constexpr std::string_view kEnd = "...";
    redacted.resize(most - kEnd.size());
    redacted += kEnd;
  }
  return redacted;
}

}  // namespace fingerpost::policy::count
