#include "engine/batch_octets.h"

#include <limits>

#include "core/message/element.h"
#include "fingerpost/v1/redirect_service.pb.h"

namespace fingerpost::engine {
namespace {

// The fields of DecideResult and FollowResult, and of what has many of them.
constexpr int kResponse = v1::DecideResult::kResponseFieldNumber;
constexpr int kError = v1::DecideResult::kErrorFieldNumber;
static_assert(kResponse == v1::FollowResult::kResponseFieldNumber &&
              kError == v1::FollowResult::kErrorFieldNumber &&
              v1::BatchDecideResponse::kResultsFieldNumber == 1 &&
              v1::BatchFollowResponse::kResultsFieldNumber == 1);

}  // namespace

bool BatchOctets::Add(int field, const google::protobuf::MessageLite& answer) {
  const size_t size = answer.ByteSizeLong();
  const size_t at = octets_.size();
  const size_t all = at + message::ElementSize(size);
  if (all > static_cast<size_t>(std::numeric_limits<int>::max())) return false;
  octets_.resize(all);
  auto* out = reinterpret_cast<uint8_t*>(octets_.data() + at);
  answer.SerializeWithCachedSizesToArray(message::WriteElementHead(field, size, out));
  return true;
}

bool BatchOctets::AddResponse(const google::protobuf::MessageLite& response) {
  return Add(kResponse, response);
}

bool BatchOctets::AddError(const google::protobuf::MessageLite& error) {
  return Add(kError, error);
}

}  // namespace fingerpost::engine
