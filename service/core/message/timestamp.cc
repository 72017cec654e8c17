#include "core/message/timestamp.h"

namespace fingerpost::message {

bool IsTimestamp(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kBeginningOfTime && time.seconds() <= kEndOfTime && time.nanos() >= 0 &&
         time.nanos() <= 999999999;
}

}  // namespace fingerpost::message
