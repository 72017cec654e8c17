// The values that a trace sends but does not show.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <string>
#include <vector>

#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::cli {

// The secrets of the first request. Follow does not need their values and does not get them.
class Secrets {
 public:
  // Takes the values of Authorization, Proxy-Authorization and the declared secrets out of
  // `request`. Userinfo of its URL, or else `user` ("name:password"), becomes Authorization: Basic
  // (RFC 7617), unless the request has an Authorization.
  Secrets(v1::HttpRequest& request, const std::string& user, const v1::FollowOptions& options);

  // The request as it is sent: remaining fields have their values again.
  [[nodiscard]] v1::HttpRequest PutBack(v1::HttpRequest request) const;

  // Userinfo is for the first URL's origin, and for those that share credentials with it. If `next`
  // is elsewhere the field goes, whatever the profile's client would do with an Authorization that
  // its caller set.
  void LeaveOrigin(v1::HttpRequest& next, const v1::FollowOptions& options);

 private:
  void Authorize(v1::HttpRequest& request, const std::string& user);

  absl::flat_hash_map<std::string, std::vector<v1::Header>> values_;
  std::optional<http::Url> userinfo_origin_;
};

// Removes everything that is not shown: the values of secrets and cookies, and userinfo. The rest
// says that something was there: "sid=(withheld); Path=/".
void Withhold(const v1::FollowOptions& options, v1::HttpRequest& request);
void Withhold(const v1::FollowOptions& options, v1::HttpResponse& response);
void Withhold(const v1::FollowOptions& options, v1::FollowResponse& follow);
// `url` to be shown: without userinfo, even in a URL within the URL ("blob:https://...").
[[nodiscard]] std::string Shown(http::Url url);

}  // namespace fingerpost::cli
