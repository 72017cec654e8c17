// One hop while it is answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/follow/changes.h"
#include "core/follow/cookie_jar.h"
#include "core/follow/location.h"
#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

inline constexpr v1::StopReason kGoOn = v1::STOP_REASON_UNSPECIFIED;

// One hop on its way from question to answer. The steps of follow.cc fill it in, in order.
struct Hop {
  const v1::FollowRequest& question;
  const v1::HttpRequest& request;
  const Profile& profile;    // With the caller's options.
  const http::Url& url;      // The request's, without userinfo.
  const http::Url& written;  // The same with userinfo.
  CookieContext cookies;
  v1::FollowResponse& out;
  Changes changes;

  std::vector<std::string> touched = {};  // Names of cookies that the response set.
  http::Headers cookies_back = {};        // Cookie fields that are put back.
  StatusRule rule = {};
  Location location = {};
  std::optional<http::Url> base = {};  // The request's as its client sees it, if that differs.
  http::Url next = {};
  std::string spelled =
      {};                   // Its path, query and fragment as the client writes them, if otherwise.
  std::string target = {};  // Its request target, if no URL has it.
  std::string host = {};    // The Host that it gets if the caller's own is dropped.
  Methods method = kNoMethod;
  bool changes_method = false;
  bool crosses = false;  // Whether `next` has another origin than `url`.
};

// The method that decides whether the redirect is followed.
[[nodiscard]] inline Methods DecidingMethod(const Hop& hop) {
  return MethodBit(hop.profile.first_method_counts ? hop.out.chain().first_method()
                                                   : hop.request.method());
}

// The step that resolves Location: sets location, next, spelled and crosses. Returns the reason to
// stop, or kGoOn.
[[nodiscard]] v1::StopReason ResolveLocation(Hop& hop);

// What is true of the hop, once it is resolved and its method is known; remembers the authority in
// the chain.
[[nodiscard]] When Facts(const Hop& hop);

}  // namespace fingerpost::follow
