// What holds of every answer, whatever was asked (design: "Guarantees"): checked on each row
// besides what it expects.
#pragma once

#include <string>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::golden {

// What is wrong, each in one sentence.
[[nodiscard]] std::vector<std::string> Faults(const v1::DecideRequest& request,
                                              const v1::DecideResponse& response);
[[nodiscard]] std::vector<std::string> Faults(const v1::FollowRequest& request,
                                              const v1::FollowResponse& response);

// `request` with the changes applied to it as the proto says.
[[nodiscard]] v1::HttpRequest Apply(const v1::HttpRequest& request,
                                    const google::protobuf::RepeatedPtrField<v1::Change>& changes);

}  // namespace fingerpost::golden
