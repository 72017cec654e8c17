// Secrets stay where they are (client/README.md, 6).
#pragma once

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost {

// `request` without the values of Authorization, Proxy-Authorization, the declared secret fields,
// and Cookie where the service keeps no cookies.
[[nodiscard]] v1::FollowRequest WithoutSecrets(const v1::FollowRequest& request);

// Gives the fields of `next` the values that they had in `request`, as `changes` says. False:
// changes of fields that are none.
[[nodiscard]] bool PutSecretsBack(const v1::FollowRequest& request, v1::FollowResponse& answer,
                                  v1::Error& error);

}  // namespace fingerpost
