// Rules for every answer, whatever the question (design: "Guarantees"): checked on each row,
// besides its own expectations.
#pragma once

#include <string>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::golden {

// The faults, each in one sentence.
[[nodiscard]] std::vector<std::string> Faults(const v1::DecideRequest& request,
                                              const v1::DecideResponse& response);
[[nodiscard]] std::vector<std::string> Faults(const v1::FollowRequest& request,
                                              const v1::FollowResponse& response);

// `request` with the changes applied to it, as the proto specifies.
[[nodiscard]] v1::HttpRequest Apply(const v1::HttpRequest& request,
                                    const google::protobuf::RepeatedPtrField<v1::Change>& changes);

}  // namespace fingerpost::golden
