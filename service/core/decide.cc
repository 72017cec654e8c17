#include "core/decide.h"

namespace fingerpost {

bool Decide(const DecideInput& /*in*/, v1::DecideResponse& /*out*/, v1::Error& error) {
  error.set_code("UNIMPLEMENTED");
  error.set_reason(v1::ERROR_REASON_NOT_IMPLEMENTED);
  error.set_message("Decide is not answered by this version");
  return false;
}

}  // namespace fingerpost
