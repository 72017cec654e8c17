#include "core/follow/cookie_field.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "core/follow/credentials.h"

namespace fingerpost::follow {
namespace {

std::string_view NameOf(std::string_view pair) {
  const size_t equals = pair.find('=');
  return equals == std::string_view::npos ? std::string_view()
                                          : http::TrimWhitespace(pair.substr(0, equals));
}

void AppendPair(std::string_view pair, std::string& field) {
  // The next hop would refuse a longer field, so the last cookies are dropped.
  if (field.size() + pair.size() + 2 > http::kMaxFieldValue) return;
  if (!field.empty()) field += "; ";
  field += pair;
}

void AppendCookie(const v1::Cookie& cookie, std::string& field) {
  std::string pair = cookie.name();
  if (!pair.empty()) pair += '=';
  pair += cookie.value();
  AppendPair(pair, field);
}

using Names = absl::flat_hash_set<std::string_view>;

// Appends the pairs of `value` whose names are not in `taken`.
void AppendHandSet(std::string_view value, const Names& taken, std::string& field) {
  while (!value.empty()) {
    const size_t end = std::min(value.find(';'), value.size());
    const std::string_view pair = http::TrimWhitespace(value.substr(0, end));
    if (!pair.empty() && !taken.contains(NameOf(pair))) AppendPair(pair, field);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

bool IsCookie(const v1::Header& header) { return http::EqualsIgnoreCase(header.name(), "Cookie"); }

}  // namespace

void WriteCookieField(const CookieFieldInput& in, Changes& changes) {
  const v1::HttpRequest& request = in.request.request();
  const auto cookies = CookiesFor(in.jar, in.next, in.next_method, in.context);
  // The time of the request is unknown, so cookies that have expired since then count as the jar's,
  // too.
  CookieContext then = in.context;
  then.now = CookieContext::kBeforeAllTime;
  const auto sent = CookiesFor(in.sent, in.url, request.method(), then);
  if (in.touched.empty() && cookies.empty() && sent.empty()) return;  // The jar does not matter.

  std::vector<int> readable;
  for (int i = 0; i < request.headers_size(); ++i) {
    const v1::Header& header = request.headers(i);
    if (!IsCookie(header) || changes.IsDropped(i)) continue;
    if (!IsOpaque(header, in.request.options())) {
      readable.push_back(i);
    } else if (!cookies.empty() || !sent.empty()) {
      changes.Drop(i, v1::CHANGE_REASON_COOKIE_JAR);
    }
  }
  std::string value;
  if (!readable.empty()) {
    Names taken(in.touched.begin(), in.touched.end());
    for (const v1::Cookie* cookie : sent) taken.insert(cookie->name());
    for (const v1::Cookie* cookie : cookies) taken.insert(cookie->name());
    for (const int i : readable) AppendHandSet(http::ValueOf(request.headers(i)), taken, value);
  }
  for (const v1::Cookie* cookie : cookies) AppendCookie(*cookie, value);

  for (size_t i = 0; i < readable.size(); ++i) {
    if (i == 0 && !value.empty()) {
      changes.Rewrite(readable[i], value, v1::CHANGE_REASON_COOKIE_JAR);
    } else {
      changes.Drop(readable[i], v1::CHANGE_REASON_COOKIE_JAR);
    }
  }
  if (readable.empty() && !value.empty())
    changes.Add("Cookie", value, v1::CHANGE_REASON_COOKIE_JAR);
}

}  // namespace fingerpost::follow
