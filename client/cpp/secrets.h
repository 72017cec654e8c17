// Secrets stay where they are (client/README.md, 6).
#pragma once

#include <string>

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost {

// `url` with "-" for a user name and a password: the service learns that they were there.
[[nodiscard]] std::string WithoutUserinfo(std::string url);

// `request` without the values of Authorization, Proxy-Authorization, the declared secret fields,
// Cookie where the service keeps no cookies, and its URL's userinfo.
[[nodiscard]] v1::FollowRequest WithoutSecrets(const v1::FollowRequest& request);

// Gives the fields of `next` the values that they had in `request`, as `changes` says. False:
// changes of fields that do not exist, or a secret that would go to another origin.
[[nodiscard]] bool PutSecretsBack(const v1::FollowRequest& request, v1::FollowResponse& answer,
                                  v1::Error& error);

}  // namespace fingerpost
