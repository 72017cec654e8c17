#include "core/follow/page.h"

#include <algorithm>

#include "core/follow/credentials.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::follow {
namespace {

bool NamesPage(const v1::Header& header, const v1::FollowOptions& options) {
  return http::EqualsIgnoreCase(header.name(), "Origin") && !IsOpaque(header, options);
}

}  // namespace

bool IsMixedContent(const v1::FollowRequest& question, const http::Url& next, v1::Chain& chain) {
  const bool first_is_secure = chain.first_url().starts_with("https:");
  if (chain.count() == 0) {
    for (const v1::Header& header : question.request().headers()) {
      if (!NamesPage(header, question.options())) continue;
      const auto page = http::ParseUrl(http::ValueOf(header));
      if (page && http::IsHttp(*page) && http::IsHttps(*page) != first_is_secure)
        chain.set_secure_page(http::IsHttps(*page));
    }
  }
  const bool secure = chain.has_secure_page() ? chain.secure_page() : first_is_secure;
  return secure && !http::IsTrustworthy(next);
}

bool LeftItsOrigin(const v1::FollowRequest& question, const http::Url& next,
                   const v1::Chain& chain) {
  const auto is_other = [&next](std::string_view text) {
    const auto url = http::ParseUrl(text);
    return !url || !http::SameOrigin(*url, next);
  };
  return std::any_of(question.request().headers().begin(), question.request().headers().end(),
                     [&](const v1::Header& header) {
                       return NamesPage(header, question.options()) &&
                              is_other(http::ValueOf(header));
                     }) ||
         std::any_of(chain.visited().begin(), chain.visited().end(),
                     [&](const v1::Visit& visit) { return is_other(visit.url()); });
}

}  // namespace fingerpost::follow
