#include "core/follow.h"

namespace fingerpost {

bool Follow(const v1::FollowRequest& /*request*/, v1::FollowResponse& /*out*/, v1::Error& error) {
  error.set_code("UNIMPLEMENTED");
  error.set_reason(v1::ERROR_REASON_NOT_IMPLEMENTED);
  error.set_message("Follow is not answered by this version");
  return false;
}

}  // namespace fingerpost
