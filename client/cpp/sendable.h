// Whether a question can be sent at all: protobuf strings must be UTF-8, and gRPC would fail the
// call as in an outage.
#pragma once

#include <google/protobuf/message.h>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost {

// False: `error` is INVALID_ARGUMENT with every field that is not UTF-8.
[[nodiscard]] bool CheckSendable(const google::protobuf::Message& question, v1::Error& error);

}  // namespace fingerpost
