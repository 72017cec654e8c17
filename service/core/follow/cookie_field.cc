#include "core/follow/cookie_field.h"

#include <algorithm>

#include "core/follow/credentials.h"
#include "core/follow/hand_set_cookies.h"

namespace fingerpost::follow {
namespace {

bool IsCookie(const v1::Header& header) { return http::EqualsIgnoreCase(header.name(), "Cookie"); }

// The jar's cookies in a sent request. The time of the request is unknown, so cookies that have
// expired since then count, too.
std::vector<const v1::Cookie*> SentCookies(const CookieJar& sent, const http::Url& url,
                                           std::string_view method, const CookieContext& context) {
  // A jar that keeps expired ones did not send them.
  const int64_t time = context.jar.keeps_expired ? context.now : CookieContext::kBeforeAllTime;
  CookieContext then{context.first_url, time, context.same_site, context.loopback_is_secure,
                     context.jar};
  return CookiesFor(sent, url, method, then);
}

// Takes the hand-set Cookie out of the fields that are set aside; empty without one.
std::string TakeRemembered(v1::Chain& chain) {
  auto& aside = *chain.mutable_set_aside();
  const auto cookie = std::find_if(aside.begin(), aside.end(), IsCookie);
  if (cookie == aside.end()) return {};
  std::string value(http::ValueOf(*cookie));
  aside.erase(cookie);
  return value;
}

void Remember(const CookieFields& hand, v1::Chain& chain) {
  for (const std::string& value : hand) {
    if (chain.set_aside_size() >= http::kMaxHeaders) return;
    v1::Header& header = *chain.add_set_aside();
    header.set_name("Cookie");
    http::SetValue(header, value);
  }
}

// Which a chain may add to the limit (kMaxAddedHeaders), beside Host.
constexpr int kFewFields = 5;

// Gives the fields of the request these values, in their order, and adds the rest.
void Assign(const CookieFields& values, const std::vector<int>& indexes, const CookieFieldInput& in,
            Changes& changes) {
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (i >= values.size()) {
      changes.Drop(indexes[i], v1::CHANGE_REASON_COOKIE_JAR);
    } else {
      changes.Rewrite(indexes[i], values[i], v1::CHANGE_REASON_COOKIE_JAR);
    }
  }
  // The next hop would refuse more fields, so the last cookies are dropped.
  const int room = std::clamp(http::kMaxHeaders + kFewFields - in.request.request().headers_size(),
                              0, http::kMaxHeaders);
  const size_t end = std::min(values.size(), indexes.size() + static_cast<size_t>(room));
  for (size_t i = indexes.size(); i < end; ++i) {
    const bool back = std::any_of(
        in.restored.begin(), in.restored.end(),
        [&values, i](const v1::Header& header) { return http::ValueOf(header) == values[i]; });
    changes.Add("Cookie", values[i],
                back ? v1::CHANGE_REASON_RESTORED : v1::CHANGE_REASON_COOKIE_JAR);
  }
}

// Whether the value of a request's Cookie is only the jar's: the caller has set none of it.
bool IsJars(const v1::Header& cookie, const v1::FollowRequest& request, const http::Url& url,
            const CookieContext& context) {
  if (!IsReadableCookie(cookie, request.options())) return false;
  const CookieFields jar =
      WriteCookies(SentCookies(request.chain().cookies(), url, request.request().method(), context),
                   context.jar);
  return std::find(jar.begin(), jar.end(), http::ValueOf(cookie)) != jar.end();
}

}  // namespace

bool IsReadableCookie(const v1::Header& header, const v1::FollowOptions& options) {
  return IsCookie(header) && !IsOpaque(header, options);
}

int JarsCookie(const v1::FollowRequest& request, const http::Url& url, const CookieContext& context,
               const Profile& profile) {
  if (profile.jar == Jar::kNone || (profile.engine == nullptr && !profile.restores)) return -1;
  const auto& headers = request.request().headers();
  for (int i = 0; i < headers.size(); ++i) {
    if (IsJars(headers[i], request, url, context)) return i;
  }
  return -1;
}

void WriteCookieField(const CookieFieldInput& in, v1::Chain& chain, Changes& changes) {
  const v1::HttpRequest& request = in.request.request();
  const JarRule& rule = in.context.jar;
  const auto cookies = CookiesFor(in.jar, in.next, in.next_method, in.context);
  const auto sent = SentCookies(in.sent, in.url, request.method(), in.context);
  // The jar does not matter.
  if (in.touched.empty() && cookies.empty() && sent.empty() && in.restored.empty()) return;

  std::vector<int> readable;
  CookieFields hand;
  bool dropped = false;
  for (int i = 0; i < request.headers_size(); ++i) {
    const v1::Header& header = request.headers(i);
    if (!IsCookie(header)) continue;
    if (changes.IsDropped(i)) {
      dropped = true;
    } else if (!IsOpaque(header, in.request.options())) {
      readable.push_back(i);
      const std::string_view value = http::ValueOf(header);
      std::string part = HandPart(rule, value, sent);
      if (!part.empty() || value.empty()) hand.push_back(std::move(part));
    } else if (!cookies.empty() || !sent.empty()) {
      changes.Drop(i, v1::CHANGE_REASON_COOKIE_JAR);
    }
  }
  if (rule.remembers()) {
    // What was dropped stays dropped.
    const std::string remembered = TakeRemembered(chain);
    if (!remembered.empty() && !dropped) hand = {remembered};
  }
  for (const v1::Header& header : in.restored) hand.emplace_back(http::ValueOf(header));
  if (rule.hand_set != HandSet::kUntouched && rule.hand_set != HandSet::kInPlace)
    hand.erase(std::remove(hand.begin(), hand.end(), std::string()), hand.end());
  if (rule.hand_set == HandSet::kDropped && !in.jar.empty()) hand.clear();
  if (rule.remembers() && !cookies.empty()) Remember(hand, chain);
  Assign(CombineCookies(rule, {hand, cookies, sent, in.touched}), readable, in, changes);
}

}  // namespace fingerpost::follow
