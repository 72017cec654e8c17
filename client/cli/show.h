// Answers for a person: first the octets on the wire, then the reason.
#pragma once

#include <string>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"
#include "output.h"
#include "page.h"

namespace fingerpost::cli {

[[nodiscard]] std::string Show(const v1::DecideRequest& request, const v1::DecideResponse& response,
                               const Palette& palette);
[[nodiscard]] std::string Show(const v1::FollowRequest& request, const v1::FollowResponse& response,
                               const Palette& palette);

// How `request` changes on its way to the next hop, or why there is none.
void ShowChanges(const v1::HttpRequest& request, const v1::FollowResponse& response, Page& page);

}  // namespace fingerpost::cli
