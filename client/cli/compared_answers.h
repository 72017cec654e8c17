// One question to Follow under several profiles.
#pragma once

#include <span>
#include <string>

#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::cli {

// A table of the parts in which the answers differ, profiles with the same answer in one row, and
// below it the parts that are the same in all. The error is about the question.
[[nodiscard]] message::Result<std::string, v1::Error> ComparedAnswers(
    v1::FollowRequest question, std::span<const v1::Profile> profiles);

}  // namespace fingerpost::cli
